// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// incidents returns how many drift incidents the operator counted of a SecretSync.
func incidents(t *testing.T, n *harness.Tenant, name string) int {
	t.Helper()
	value, ok := n.Metric(t, "secretsync_object_drift_incidents_total", name)
	if !ok {
		t.Fatalf("the incidents of %s are not told", name)
	}
	return int(value)
}

// TestIncidentsAreCountedOnce: eight edits, each after the repair of the one before, are
// eight incidents, though the operator backs off from the fifth on; the operator's own
// writes are none.
func TestIncidentsAreCountedOnce(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db", onRequest)
	n.AwaitReady(t, "db", 1)
	n.Write(t, "db", fields{"password": "second-password"})
	n.Annotate(t, "db", v1alpha1.AnnotationRefresh, "now")
	n.AwaitReady(t, "db", 2)
	n.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
	n.AwaitReady(t, "db", 1)
	if got := incidents(t, n, "db"); got != 0 {
		t.Fatalf("the operator's own writes are %d incidents", got)
	}
	for number := 1; number <= 8; number++ {
		n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
		n.AwaitSecret(t, "db", texts{"password": "first-password"})
		harness.Await(t, "the incident to be counted", func() string {
			if got := incidents(t, n, "db"); got < number {
				return "it is not"
			} else if got > number {
				t.Fatalf("after %d edits there are %d incidents", number, got)
			}
			return ""
		})
	}
}

// TestReportedIncident is one for as long as it stands, whatever else is done meanwhile.
func TestReportedIncident(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db", onRequest, func(s *v1alpha1.SecretSync) { s.Spec.Drift.Policy = v1alpha1.DriftReport })
	n.AwaitReady(t, "db", 1)
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	n.AwaitCondition(t, "db", v1alpha1.ConditionDrifted, metav1.ConditionTrue, "DriftReported")
	for _, request := range []string{"one", "two"} {
		n.Annotate(t, "db", v1alpha1.AnnotationRefresh, request)
		awaitAcknowledged(t, n, request, "Unchanged")
	}
	if got := incidents(t, n, "db"); got != 1 {
		t.Errorf("a drift that stands is %d incidents", got)
	}
	if value, ok := n.Metric(t, "secretsync_drifted", "db"); !ok || value != 1 {
		t.Errorf("a drift that stands is told as %v, %t", value, ok)
	}
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["added"] = []byte("by hand") })
	harness.Await(t, "another incident", func() string {
		if incidents(t, n, "db") != 2 {
			return "it is not counted"
		}
		return ""
	})
}

// TestMetricsOfAnObject come with it, tell what is true of it, and go with it.
func TestMetricsOfAnObject(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	want := func(metric string, value float64, labels ...string) {
		t.Helper()
		harness.Await(t, metric, func() string {
			if got, ok := n.Metric(t, metric, "db", labels...); !ok || got != value {
				return "it is not told, or otherwise"
			}
			return ""
		})
	}
	want("secretsync_condition", 1, "type", "Ready", "status", "True", "reason", "Serving")
	want("secretsync_serving_revision", 1)
	want("secretsync_held", 0)
	want("secretsync_refresh_interval_seconds", 5)
	n.Write(t, "db", fields{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
	n.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
	want("secretsync_serving_revision", 1)
	want("secretsync_newest_revision", 2)
	want("secretsync_held", 1)
	want("secretsync_condition", 1, "type", "RolledBack", "status", "True")
	n.Annotate(t, "db", v1alpha1.AnnotationHoldReason, "the vendor looks into it")
	harness.Await(t, "the hold to be explained", func() string {
		if _, ok := n.Metric(t, "secretsync_held_since_timestamp_seconds", "db", "explained", "true"); !ok {
			return "it is not"
		}
		return ""
	})
	n.Delete(t, &v1alpha1.SecretSync{}, "db")
	harness.Await(t, "all series to go", func() string {
		for name, family := range n.Metrics(t) {
			if _, ok := n.Metric(t, name, "db"); ok {
				return "there is " + family.GetName()
			}
		}
		return ""
	})
}
