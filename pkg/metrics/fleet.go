// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"iter"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Fleet is what is true of objects and backends now. It is asked for at each scrape, so
// that series come and go with what they are about.
type Fleet struct {
	// Leader says whether this replica works. One that waits tells nothing else.
	Leader func() bool
	// Syncs are the SecretSyncs.
	Syncs func() iter.Seq[Sync]
	// Backends are the backends.
	Backends func() []Backend
	// FanOuts are the ClusterSecretSyncs; nil where there are none.
	FanOuts func() []FanOut
	// PerObject says whether each SecretSync has series of its own.
	PerObject bool
}

// fleet is a Fleet that is known later than the Metrics it belongs to.
type fleet struct{ atomic.Pointer[Fleet] }

// Watch has the metrics of objects and backends told from now on.
func (m *Metrics) Watch(f Fleet) { m.fleet.Store(&f) }

func (f *fleet) collect(to chan<- prometheus.Metric, m *Metrics) {
	now, out := f.Load(), sink(to)
	if now == nil {
		return
	}
	leads := now.Leader()
	out.gauge(m.leader, truth(leads))
	if !leads {
		return
	}
	for _, b := range now.Backends() {
		m.collectBackend(out, b)
	}
	if now.FanOuts != nil {
		for _, f := range now.FanOuts() {
			m.collectFanOut(out, f)
		}
	}
	ready := map[string]float64{
		string(metav1.ConditionTrue): 0, string(metav1.ConditionFalse): 0, string(metav1.ConditionUnknown): 0,
	}
	for s := range now.Syncs() {
		ready[s.ready()]++
		if now.PerObject {
			m.collectSync(out, s)
		}
	}
	for status, count := range ready {
		out.gauge(m.objects, count, status)
	}
}

// sink takes metrics that are made for one scrape.
type sink chan<- prometheus.Metric

func (s sink) gauge(d *prometheus.Desc, value float64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func (s sink) counter(d *prometheus.Desc, value float64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// seconds returns a time as Prometheus has them: seconds since 1970.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1e3 }
