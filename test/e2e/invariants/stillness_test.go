// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
)

// polls is how often a failing entry is read while nothing may be written of it. The pauses
// between the reads grow, so more take long.
const polls = 2

// babbling answers with a status and a text that is another one each time.
func babbling(status int, headers ...string) faultproxy.Mode {
	var count atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, s faultproxy.Server) {
		n := count.Add(1)
		body := fmt.Sprintf(`{"errors":["request %d at %s"],"request_id":"%d"}`, n, time.Now().Format(time.RFC3339Nano), n)
		faultproxy.Status(status, body, headers...)(w, r, s)
	}
}

// TestAFailureThatLastsIsToldOnce has many entries fail for good, and looks that after the
// first words nothing more is written of any of them, however often they are read.
func TestAFailureThatLastsIsToldOnce(t *testing.T) {
	w := suite.Get(t)
	n := retire(t, w.Tenant(t, harness.TenantOptions{Proxied: true}))
	w.Run(t, harness.RunOptions{Args: quick()})
	fails := persistent(t, n)
	for name, reason := range fails {
		awaitReason(t, n, name, reason)
	}
	quiet := now()
	before := n.Proxy.Requests()
	harness.Within(t, 3*time.Minute, "the failing entries to be read again and again", func() string {
		for name := range fails {
			path := "/v1/" + n.Namespace + "/data/" + name
			if more := n.Proxy.Requests()[path] - before[path]; more < polls {
				return fmt.Sprintf("%s was read %d times", path, more)
			}
		}
		return ""
	})
	for _, event := range requests(t, w, quiet) {
		if event.ObjectRef == nil || event.ObjectRef.Namespace != n.Namespace || event.Verb == "watch" {
			continue
		}
		t.Errorf("want silence, got %s %s %q: %d %s", event.Verb, about(event), event.ObjectRef.Name, event.ResponseStatus.Code, event.RequestObject)
	}
}

// persistent makes SecretSyncs that fail in as many ways, and returns the reasons of their
// Ready conditions. Where something is served first, an outage leaves it Ready.
func persistent(t *testing.T, n *harness.Tenant) map[string]string {
	t.Helper()
	fails := map[string]string{}
	for name, answer := range map[string]faultproxy.Mode{
		"denied": babbling(http.StatusForbidden), "down": babbling(http.StatusInternalServerError),
		"sealed": babbling(http.StatusServiceUnavailable), "html": faultproxy.HTML("hello"), "reset": faultproxy.Reset(),
		"throttled": babbling(http.StatusTooManyRequests, "Retry-After", "1"), "missing": faultproxy.Pass(),
	} {
		n.Proxy.SetFor("/v1/"+n.Namespace+"/data/"+name, answer)
		n.Sync(t, name)
		fails[name] = ""
	}
	n.Write(t, "empty", fields{})
	n.Write(t, "no-field", fields{"other": "a value"})
	n.Sync(t, "empty")
	n.Sync(t, "no-field", one(func(*v1alpha1.DataItem) {}))
	fails["empty"], fails["no-field"] = "EntryEmpty", "FieldNotFound"

	n.Write(t, "shrinks", fields{"one": "first value", "two": "second value", "three": "third value"})
	n.Write(t, "outage", fields{field: "a good value"})
	n.Sync(t, "shrinks")
	n.Sync(t, "outage")
	n.AwaitReady(t, "shrinks", 1)
	n.AwaitReady(t, "outage", 1)
	n.Write(t, "shrinks", fields{"one": "first value"})
	n.Proxy.SetFor("/v1/"+n.Namespace+"/data/outage", babbling(http.StatusBadGateway))
	awaitProxied(t, n, "outage", 2)
	fails["shrinks"], fails["outage"] = "SuspiciousShrink", serving

	// Of the Secrets of others, and of many versions, nothing is asked either.
	n.Create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "shared"}, StringData: texts{"level": "info"}})
	for name, edit := range map[string]harness.SyncEdit{"waits": into("absent"), "merges": into("shared"), "versions": versioned} {
		n.Write(t, name, fields{name: "a value"})
		n.Sync(t, name, edit)
		fails[name] = serving
	}
	fails["waits"] = "TargetMissing"
	return fails
}

// awaitProxied waits until the proxy has been asked for an entry that many times more.
func awaitProxied(t *testing.T, n *harness.Tenant, name string, more int) {
	t.Helper()
	path := "/v1/" + n.Namespace + "/data/" + name
	before := n.Proxy.Requests()[path]
	harness.Await(t, fmt.Sprintf("%d more requests of %s", more, name), func() string {
		if got := n.Proxy.Requests()[path] - before; got < more {
			return fmt.Sprintf("there are %d", got)
		}
		return ""
	})
}

// TestStatusIsPatchedOnChangeOnly plays changes of every kind, and looks at each patch of a
// status that the API server saw: it changed something, times of transitions moved only
// with what they belong to, and there were no more patches than reconciles.
func TestStatusIsPatchedOnChangeOnly(t *testing.T) {
	w := suite.Get(t)
	n := retire(t, w.Tenant(t, harness.TenantOptions{Proxied: true}))
	metrics := freeAddress(t)
	since := now()
	w.Run(t, harness.RunOptions{Args: append(quick(), "--metrics-address="+metrics)})
	const name = "db"
	n.Write(t, name, fields{field: "first value"})
	n.Sync(t, name)
	n.AwaitReady(t, name, 1)
	for i := range 3 {
		n.Write(t, name, fields{field: fmt.Sprintf("value %d", i)})
		n.AwaitReady(t, name, int64(i)+2)
	}
	n.EditSecret(t, name, func(s *corev1.Secret) { s.Data[field] = []byte("by hand") })
	n.AwaitEvent(t, name, "DriftRepaired")
	n.Proxy.SetFor("/v1/"+n.Namespace+"/data/"+name, babbling(http.StatusForbidden))
	n.AwaitCondition(t, name, v1alpha1.ConditionReady, metav1.ConditionFalse, "PermissionDenied")
	n.Proxy.SetFor("/v1/"+n.Namespace+"/data/"+name, faultproxy.Pass())
	n.AwaitReady(t, name, 4)
	n.Edit(t, name, func(s *v1alpha1.SecretSync) {
		s.Spec.Target.Metadata.Labels = map[string]v1alpha1.LabelValue{"team": "a"}
	})
	n.AwaitReady(t, name, 4)

	patched := map[string][]patchedStatus{}
	total := map[string]int{}
	for _, event := range requests(t, w, since) {
		if event.Verb == "patch" && strings.HasSuffix(about(event), "/status") {
			key := about(event) + " " + event.ObjectRef.Namespace + "/" + event.ObjectRef.Name
			patched[key] = append(patched[key], statusOf(t, event))
			total[about(event)]++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(patched)) {
		wantSteps(t, key, patched[key])
	}
	for resource, controller := range map[string]string{"secretsyncs/status": "secretsync", "secretbackends/status": "secretbackend"} {
		reconciles := reconciles(t, metrics, controller)
		if total[resource] == 0 || total[resource] > reconciles {
			t.Errorf("%s: want patches, at most one for each of %d reconciles, got %d", resource, reconciles, total[resource])
		}
	}
}

// patchedStatus is what the API server answered a patch with.
type patchedStatus struct {
	Metadata struct {
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	Status struct {
		Conditions []metav1.Condition `json:"conditions"`
	} `json:"status"`

	sent string
}

func statusOf(t *testing.T, event cluster.AuditEvent) patchedStatus {
	t.Helper()
	if event.ResponseStatus.Code != http.StatusOK {
		t.Fatalf("a patch of %s was refused: %d", about(event), event.ResponseStatus.Code)
	}
	var answer patchedStatus
	harness.Must(t, json.Unmarshal(event.ResponseObject, &answer))
	answer.sent = string(event.RequestObject)
	return answer
}

// wantSteps fails the test if a patch changed nothing, or moved the time of a transition
// that was none.
func wantSteps(t *testing.T, key string, steps []patchedStatus) {
	t.Helper()
	for i := 1; i < len(steps); i++ {
		before, after := steps[i-1], steps[i]
		// The API server gives an object that does not change no new version.
		if before.Metadata.ResourceVersion == after.Metadata.ResourceVersion {
			t.Errorf("%s: a patch that changes nothing: %s", key, after.sent)
		}
		for _, condition := range after.Status.Conditions {
			old := meta.FindStatusCondition(before.Status.Conditions, condition.Type)
			if old != nil && old.Status == condition.Status && !old.LastTransitionTime.Equal(&condition.LastTransitionTime) {
				t.Errorf("%s: the time of %s=%s moved without it: %s", key, condition.Type, condition.Status, after.sent)
			}
			if old != nil && old.Status != condition.Status && old.LastTransitionTime.After(condition.LastTransitionTime.Time) {
				t.Errorf("%s: the time of %s went back: %s", key, condition.Type, after.sent)
			}
		}
	}
}

// reconciles returns how many reconciles a controller has made.
func reconciles(t *testing.T, metrics, controller string) int {
	t.Helper()
	total := 0
	for line := range strings.Lines(page(t, "https://"+metrics+"/metrics")) {
		if !strings.HasPrefix(line, `controller_runtime_reconcile_total{controller="`+controller+`"`) {
			continue
		}
		parts := strings.Fields(line)
		count, err := strconv.Atoi(parts[len(parts)-1])
		harness.Must(t, err)
		total += count
	}
	return total
}
