// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Sync is what is true of a SecretSync now.
type Sync struct {
	// Object is the SecretSync as last seen. It is not changed.
	Object *v1alpha1.SecretSync
	// Backend is the key of the backend that it reads, and Interval how often; zero if it is
	// not read again and again.
	Backend  string
	Interval time.Duration
	// LastGood is when everything it wants was last read well, or since when that is waited for.
	LastGood time.Time
}

// syncDescs are the metrics of a SecretSync.
type syncDescs struct {
	condition, serving, newest, held, heldSince, drifted, lastDrift, lastGood, interval, incidents, created *prometheus.Desc
}

func newSyncDescs() syncDescs {
	of := func(name, help string, labels ...string) *prometheus.Desc {
		return desc(name, help, append([]string{"namespace", "name"}, labels...)...)
	}
	return syncDescs{
		condition: of("condition", "Always 1: a condition of a SecretSync with its status and reason. Ready is always told, others while they tell of trouble or of a hold.", "type", "status", "reason"),
		serving:   of("serving_revision", "The revision that the Secret holds; 0 if none was ever served."),
		newest:    of("newest_revision", "The newest state that the backend gave."),
		held:      of("held", "Whether a revision is held because somebody asked for it."),
		heldSince: of("held_since_timestamp_seconds", "Since when a revision is held; explained says whether the annotation hold-reason tells why.", "explained"),
		drifted:   of("drifted", "Whether the Secret differs from what it should hold, and is left so for now."),
		lastDrift: of("last_drift_timestamp_seconds", "When the last change by another hand was seen, and its kind.", "kind"),
		lastGood:  of("last_good_read_timestamp_seconds", "When everything that the SecretSync reads was last read well; before the first time, since when that is waited for."),
		interval:  of("refresh_interval_seconds", "How often the backend is read; absent if suspended, on request only, or pinned to fixed versions.", "backend"),
		incidents: of("object_drift_incidents_total", "Changes of the Secret by another hand since the operator started."),
		created:   of("created_timestamp_seconds", "When the SecretSync was created."),
	}
}

func (d syncDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{
		d.condition, d.serving, d.newest, d.held, d.heldSince, d.drifted, d.lastDrift, d.lastGood, d.interval, d.incidents, d.created,
	}
}

func (s Sync) ready() string {
	if c := meta.FindStatusCondition(s.Object.Status.Conditions, v1alpha1.ConditionReady); c != nil {
		return string(c.Status)
	}
	return string(metav1.ConditionUnknown)
}

func (m *Metrics) collectSync(out sink, s Sync) {
	d, object, status := m.sync, s.Object, &s.Object.Status
	namespace, name := object.Namespace, object.Name
	for _, c := range status.Conditions {
		if telling(c) {
			out.gauge(d.condition, 1, namespace, name, c.Type, string(c.Status), c.Reason)
		}
	}
	out.gauge(d.serving, float64(status.ServingRevision), namespace, name)
	out.gauge(d.newest, float64(status.NewestRevision), namespace, name)
	out.gauge(d.held, truth(status.Rollback != nil), namespace, name)
	if hold := status.Rollback; hold != nil {
		explained := strconv.FormatBool(object.Annotations[v1alpha1.AnnotationHoldReason] != "")
		out.gauge(d.heldSince, seconds(hold.Since.Time), namespace, name, explained)
	}
	out.gauge(d.drifted, truth(meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionDrifted)), namespace, name)
	if drift := status.Drift; drift != nil {
		out.gauge(d.lastDrift, seconds(drift.Since.Time), namespace, name, drift.Kind)
	}
	out.gauge(d.lastGood, seconds(s.LastGood), namespace, name)
	if s.Interval > 0 {
		out.gauge(d.interval, s.Interval.Seconds(), namespace, name, s.Backend)
	}
	out.counter(d.incidents, m.incidents.of(types.NamespacedName{Namespace: namespace, Name: name}), namespace, name)
	out.gauge(d.created, seconds(object.CreationTimestamp.Time), namespace, name)
}

// telling reports whether a condition says more than that all is well.
func telling(c metav1.Condition) bool {
	return c.Type == v1alpha1.ConditionReady || c.Type == v1alpha1.ConditionRolledBack || c.Status == metav1.ConditionTrue
}
