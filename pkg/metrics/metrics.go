// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/fault"
)

const prefix = "secretsync_"

// success stands for the class of what did not fail.
const success = "Success"

// Kinds of drift that are counted from the start, so that the first of each is an increase.
func driftKinds() []string {
	return []string{"Edited", "Extra", "Missing", "Metadata", "Label", "Deleted", "Replaced"}
}

// Kinds and results of restarts that are, too.
func restartKinds() []string   { return []string{"Deployment", "StatefulSet", "DaemonSet", "Rollout"} }
func restartResults() []string { return []string{"Started", "Complete", "Failed"} }

// Metrics counts what the operator does. It is safe for concurrent use, and a
// prometheus.Collector.
type Metrics struct {
	syncs       *prometheus.CounterVec
	drifts      *prometheus.CounterVec
	rollbacks   *prometheus.CounterVec
	restarts    *prometheus.CounterVec
	revisions   prometheus.Counter
	reconciles  *prometheus.HistogramVec
	requests    *prometheus.HistogramVec
	propagation prometheus.Histogram
	build       *prometheus.GaugeVec

	leader, objects *prometheus.Desc
	sync            syncDescs
	backend         backendDescs
	fanOut          fanOutDescs

	incidents tally[types.NamespacedName]
	backends  tally[backendEvent]
	expiries  expiries
	fleet     fleet
}

// New returns Metrics of an operator of that version.
func New(version string) *Metrics {
	m := &Metrics{
		syncs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: prefix + "syncs_total", Help: "Reconciles of SecretSyncs by result: Success or the class of what went wrong.",
		}, []string{"result"}),
		drifts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: prefix + "drift_incidents_total", Help: "Changes of served Secrets by another hand, by kind; each is counted once, however long it lasts.",
		}, []string{"kind"}),
		rollbacks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: prefix + "rollbacks_total", Help: "Times that an older revision became live, by cause: Requested, or RestartFailed where workloads did not come up with a newer one.",
		}, []string{"cause"}),
		restarts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: prefix + "restarts_total", Help: "Restarts of workloads for new content, by kind and result: Started, then Complete or Failed.",
		}, []string{"kind", "result"}),
		revisions: prometheus.NewCounter(prometheus.CounterOpts{
			Name: prefix + "revisions_total", Help: "Revisions that were recorded.",
		}),
		reconciles: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: prefix + "reconcile_duration_seconds", Help: "How long reconciles take, by controller.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"controller"}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: prefix + "backend_request_duration_seconds", Help: "How long requests to backends take, by operation and class of the error, or Success.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation", "class"}),
		propagation: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: prefix + "propagation_seconds", Help: "Time from the backend's own time of a new version to the Secret that holds it.",
			Buckets: []float64{1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600},
		}),
		build: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: prefix + "build_info", Help: "Always 1, with the version of the operator and of Go.",
		}, []string{"version", "goversion"}),
		leader:    desc("leader", "Whether this replica holds the lease and works."),
		objects:   desc("objects", "SecretSyncs by the status of their condition Ready.", "ready"),
		sync:      newSyncDescs(),
		backend:   newBackendDescs(),
		fanOut:    newFanOutDescs(),
		incidents: newTally[types.NamespacedName](),
		backends:  newTally[backendEvent](),
		expiries:  newExpiries(),
	}
	m.build.WithLabelValues(version, runtime.Version()).Set(1)
	for _, class := range append([]string{success}, classes()...) {
		m.syncs.WithLabelValues(class)
	}
	for _, cause := range []string{causeRequested, causeRestartFailed} {
		m.rollbacks.WithLabelValues(cause)
	}
	for _, kind := range driftKinds() {
		m.drifts.WithLabelValues(kind)
	}
	for _, kind := range restartKinds() {
		for _, result := range restartResults() {
			m.restarts.WithLabelValues(kind, result)
		}
	}
	return m
}

func classes() (names []string) {
	for _, class := range fault.Classes() {
		names = append(names, string(class))
	}
	return names
}

func result(class fault.Class) string {
	if class == "" {
		return success
	}
	return string(class)
}

// Synced counts a reconcile of a SecretSync that came to a result; an empty class is a
// success.
func (m *Metrics) Synced(class fault.Class) { m.syncs.WithLabelValues(result(class)).Inc() }

// Drifted counts a drift incident: one observed change of a served Secret by another hand.
func (m *Metrics) Drifted(sync types.NamespacedName, kind string) {
	m.drifts.WithLabelValues(kind).Inc()
	m.incidents.add(sync, 1)
}

// Causes of a rollback.
const (
	causeRequested     = "Requested"
	causeRestartFailed = "RestartFailed"
)

// RolledBack counts an older revision that became live: on request, or because workloads did
// not come up with a newer one.
func (m *Metrics) RolledBack(failed bool) {
	cause := causeRequested
	if failed {
		cause = causeRestartFailed
	}
	m.rollbacks.WithLabelValues(cause).Inc()
}

// Restarted counts what became of the restart of a workload.
func (m *Metrics) Restarted(kind, result string) { m.restarts.WithLabelValues(kind, result).Inc() }

// Recorded counts a revision that was recorded.
func (m *Metrics) Recorded() { m.revisions.Inc() }

// Reconciled counts a reconcile of any kind.
func (m *Metrics) Reconciled(controller string, took time.Duration) {
	m.reconciles.WithLabelValues(controller).Observe(took.Seconds())
}

// Propagated counts a new version that was served so long after it was made.
func (m *Metrics) Propagated(after time.Duration) { m.propagation.Observe(max(0, after.Seconds())) }

// Request counts a request to a backend; an empty class is a success.
func (m *Metrics) Request(operation string, class fault.Class, took time.Duration) {
	m.requests.WithLabelValues(operation, result(class)).Observe(took.Seconds())
}

// Forget drops what is counted of a SecretSync that is gone.
func (m *Metrics) Forget(sync types.NamespacedName) { m.incidents.forget(sync) }

// counted are the metrics that count by themselves.
func (m *Metrics) counted() []prometheus.Collector {
	return []prometheus.Collector{m.syncs, m.drifts, m.rollbacks, m.restarts, m.revisions, m.reconciles, m.requests, m.propagation, m.build}
}

// Describe describes every metric there can be.
func (m *Metrics) Describe(descriptions chan<- *prometheus.Desc) {
	for _, c := range m.counted() {
		c.Describe(descriptions)
	}
	for _, d := range slices.Concat([]*prometheus.Desc{m.leader, m.objects}, m.sync.all(), m.backend.all(), m.fanOut.all()) {
		descriptions <- d
	}
}

// Collect sends everything.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	for _, c := range m.counted() {
		c.Collect(out)
	}
	m.fleet.collect(out, m)
}
