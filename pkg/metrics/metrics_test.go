// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	"iter"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

func at(seconds int64) metav1.Time { return metav1.NewTime(time.Unix(seconds, 0)) }

// fresh is a SecretSync that nothing is known of; held one that is rolled back and drifted.
func fresh() Sync {
	return Sync{LastGood: time.Unix(100, 0), Object: &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "fresh", CreationTimestamp: at(90)},
	}}
}

func held() Sync {
	return Sync{LastGood: time.Unix(200, 5e8), Backend: "ClusterSecretBackend/vault", Interval: time.Minute, Object: &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "held", CreationTimestamp: at(80),
			Annotations: map[string]string{v1alpha1.AnnotationHoldReason: "the vendor looks into it"},
		},
		Status: v1alpha1.SecretSyncStatus{
			Conditions: []metav1.Condition{
				{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: "Held"},
				{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionFalse, Reason: "NotStalled"},
				{Type: v1alpha1.ConditionRolledBack, Status: metav1.ConditionFalse, Reason: "RevisionUnknown"},
				{Type: v1alpha1.ConditionDrifted, Status: metav1.ConditionTrue, Reason: "DriftReported"},
			},
			ServingRevision: 3, NewestRevision: 6,
			Rollback: &v1alpha1.RollbackStatus{Requested: "3", Revision: 3, Since: at(150)},
			Drift:    &v1alpha1.DriftStatus{Kind: "Edited", Since: at(160)},
		},
	}}
}

// watched returns metrics of two SecretSyncs and two backends.
func watched(t *testing.T, edit func(*Fleet)) *prometheus.Registry {
	t.Helper()
	m := New("v1.2.3")
	m.Drifted(types.NamespacedName{Namespace: "shop", Name: "held"}, "Edited")
	m.Read("SecretBackend/shop/own")
	m.Spared("SecretBackend/shop/own", 4)
	m.LoggedIn("SecretBackend/shop/own", "", time.Second)
	m.LoggedIn("SecretBackend/shop/own", fault.Denied, time.Second)
	m.Throttled("SecretBackend/shop/own")
	m.CredentialEnds("SecretBackend/shop/own", "Token", time.Unix(9000, 0))
	m.CredentialEnds("SecretBackend/shop/own", "JWT", time.Unix(9000, 0))
	m.CredentialEnds("SecretBackend/shop/own", "JWT", time.Time{})
	f := Fleet{
		PerObject: true,
		Leader:    func() bool { return true },
		Syncs:     func() iter.Seq[Sync] { return slices.Values([]Sync{fresh(), held()}) },
		Backends: func() []Backend {
			return []Backend{{Key: "ClusterSecretBackend/vault"}, {Key: "SecretBackend/shop/own", Known: true, Reachable: true, BreakerOpen: true}}
		},
		FanOuts: func() []FanOut {
			return []FanOut{{Name: "cert", Selected: 4, Ready: 3, Failed: 1, Stopped: true, Blocked: 2}}
		},
	}
	edit(&f)
	m.Watch(f)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(m)
	return registry
}

// TestSeries compares all series of objects and backends, without their help.
func TestSeries(t *testing.T) {
	const want = `
secretsync_backend_breaker_open{backend="ClusterSecretBackend/vault"} 0
secretsync_backend_breaker_open{backend="SecretBackend/shop/own"} 1
secretsync_backend_credential_expiry_timestamp_seconds{backend="SecretBackend/shop/own",credential="Token"} 9000
secretsync_backend_logins_total{backend="ClusterSecretBackend/vault",result="Success"} 0
secretsync_backend_logins_total{backend="SecretBackend/shop/own",result="Denied"} 1
secretsync_backend_logins_total{backend="SecretBackend/shop/own",result="Success"} 1
secretsync_backend_reachable{backend="SecretBackend/shop/own"} 1
secretsync_backend_reads_spared_total{backend="ClusterSecretBackend/vault"} 0
secretsync_backend_reads_spared_total{backend="SecretBackend/shop/own"} 4
secretsync_backend_reads_total{backend="ClusterSecretBackend/vault"} 0
secretsync_backend_reads_total{backend="SecretBackend/shop/own"} 1
secretsync_backend_throttled_total{backend="ClusterSecretBackend/vault"} 0
secretsync_backend_throttled_total{backend="SecretBackend/shop/own"} 1
secretsync_condition{name="held",namespace="shop",reason="DriftReported",status="True",type="Drifted"} 1
secretsync_condition{name="held",namespace="shop",reason="Held",status="True",type="Ready"} 1
secretsync_condition{name="held",namespace="shop",reason="RevisionUnknown",status="False",type="RolledBack"} 1
secretsync_created_timestamp_seconds{name="fresh",namespace="shop"} 90
secretsync_created_timestamp_seconds{name="held",namespace="shop"} 80
secretsync_drifted{name="fresh",namespace="shop"} 0
secretsync_drifted{name="held",namespace="shop"} 1
secretsync_fan_out_blocked_removals{name="cert"} 2
secretsync_fan_out_namespaces{name="cert",state="Failed"} 1
secretsync_fan_out_namespaces{name="cert",state="Ready"} 3
secretsync_fan_out_namespaces{name="cert",state="Selected"} 4
secretsync_fan_out_stopped{name="cert"} 1
secretsync_held_since_timestamp_seconds{explained="true",name="held",namespace="shop"} 150
secretsync_held{name="fresh",namespace="shop"} 0
secretsync_held{name="held",namespace="shop"} 1
secretsync_last_drift_timestamp_seconds{kind="Edited",name="held",namespace="shop"} 160
secretsync_last_good_read_timestamp_seconds{name="fresh",namespace="shop"} 100
secretsync_last_good_read_timestamp_seconds{name="held",namespace="shop"} 200.5
secretsync_leader 1
secretsync_newest_revision{name="fresh",namespace="shop"} 0
secretsync_newest_revision{name="held",namespace="shop"} 6
secretsync_object_drift_incidents_total{name="fresh",namespace="shop"} 0
secretsync_object_drift_incidents_total{name="held",namespace="shop"} 1
secretsync_objects{ready="False"} 0
secretsync_objects{ready="True"} 1
secretsync_objects{ready="Unknown"} 1
secretsync_refresh_interval_seconds{backend="ClusterSecretBackend/vault",name="held",namespace="shop"} 60
secretsync_serving_revision{name="fresh",namespace="shop"} 0
secretsync_serving_revision{name="held",namespace="shop"} 3
`
	got := series(t, watched(t, func(*Fleet) {}))
	for line := range strings.SplitSeq(strings.TrimSpace(want), "\n") {
		if !slices.Contains(got, line) {
			t.Errorf("missing: %s", line)
		}
	}
	for _, line := range got {
		if strings.Contains(line, "{") && (strings.Contains(line, `namespace=`) || strings.Contains(line, `backend=`)) && !strings.Contains(want, "\n"+line+"\n") {
			t.Errorf("not wanted: %s", line)
		}
	}
}

// series returns the lines of a scrape that are no comments.
func series(t *testing.T, registry *prometheus.Registry) (lines []string) {
	t.Helper()
	text, err := format(registry)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// TestNobodyTellsButTheLeader: a replica that waits tells that it does, and nothing of
// objects.
func TestNobodyTellsButTheLeader(t *testing.T) {
	got := series(t, watched(t, func(f *Fleet) { f.Leader = func() bool { return false } }))
	if !slices.Contains(got, "secretsync_leader 0") {
		t.Error("it does not tell that it waits")
	}
	for _, line := range got {
		if strings.Contains(line, `namespace=`) || strings.Contains(line, `backend=`) || strings.HasPrefix(line, "secretsync_objects") {
			t.Errorf("a replica that waits tells %s", line)
		}
	}
}

// TestWithoutObjects leaves the series of each object out and counts them all the same.
func TestWithoutObjects(t *testing.T) {
	got := series(t, watched(t, func(f *Fleet) { f.PerObject = false }))
	if !slices.Contains(got, `secretsync_objects{ready="True"} 1`) {
		t.Error("objects are not counted")
	}
	for _, line := range got {
		if strings.Contains(line, `namespace=`) {
			t.Errorf("an object has a series of its own: %s", line)
		}
	}
}

// TestNames follow the conventions of Prometheus.
func TestNames(t *testing.T) {
	problems, err := testutil.GatherAndLint(watched(t, func(*Fleet) {}))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, line := range series(t, watched(t, func(*Fleet) {})) {
		if !strings.HasPrefix(line, prefix) {
			t.Errorf("%s does not begin with %s", line, prefix)
		}
	}
}

func TestForget(t *testing.T) {
	m := New("")
	key := types.NamespacedName{Namespace: "shop", Name: "held"}
	m.Drifted(key, "Edited")
	m.Forget(key)
	if got := m.incidents.of(key); got != 0 {
		t.Errorf("a SecretSync of the same name inherits %v incidents", got)
	}
}

// format returns a scrape as text.
func format(registry *prometheus.Registry) ([]byte, error) {
	families, err := registry.Gather()
	var text bytes.Buffer
	for _, family := range families {
		if _, writeErr := expfmt.MetricFamilyToText(&text, family); err == nil {
			err = writeErr
		}
	}
	return text.Bytes(), err
}

// TestDocumented: the reference lists every metric, and no other.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, match := range regexp.MustCompile("(?m)^\\| `("+prefix+"[a-z_]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, match[1])
	}
	descriptions := make(chan *prometheus.Desc, 100)
	New("").Describe(descriptions)
	close(descriptions)
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	var told []string
	for d := range descriptions {
		told = append(told, name.FindStringSubmatch(d.String())[1])
	}
	slices.Sort(documented)
	slices.Sort(told)
	if diff := cmp.Diff(told, documented); diff != "" {
		t.Errorf("docs/reference/metrics.md lists others than there are (-told +documented):\n%s", diff)
	}
}
