// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func TestStatus(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "aaa-good")
	broken := w.sync(w.namespace, "zzz-broken")
	broken.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionReady, metav1.ConditionFalse, "PermissionDenied", "it takes a policy")}
	w.updateStatus(broken)
	stale := w.sync(w.namespace, "mmm-stale")
	stale.Status.Conditions = append(stale.Status.Conditions, condition(v1alpha1.ConditionStale, metav1.ConditionTrue, "ReadsFail", "no read"))
	w.updateStatus(stale)

	says(t, w.good("status"), "NAME", "READY", "REASON", "SERVING", "NEWEST", "HELD", "AGE",
		"zzz-broken", "False", "PermissionDenied", "3", "mmm-stale", "aaa-good", "True", "Serving",
		"zzz-broken:", "it takes a policy", "mmm-stale:", "Stale True, ReadsFail")
	says(t, w.good("status", "-o", "wide"), "BACKEND", "CONDITIONS", "zzz-broken", "vault", "mmm-stale", "Stale=True")
	says(t, w.good("status", "-A"), "NAMESPACE", w.namespace, "zzz-broken")
	if out := w.good("status", "aaa-good"); strings.Contains(out, "zzz") {
		t.Errorf("the status of one shows another:\n%s", out)
	}

	var list v1alpha1.SecretSyncList
	if err := json.Unmarshal([]byte(w.good("status", "-o", "json")), &list); err != nil || len(list.Items) != 3 || list.Items[0].Name != "zzz-broken" {
		t.Errorf("want the three as JSON, problems first; got %v, %d", err, len(list.Items))
	}
	var one v1alpha1.SecretSync
	if err := yaml.UnmarshalStrict([]byte(w.good("status", "aaa-good", "-o", "yaml")), &one); err != nil || one.Kind != "SecretSync" || one.Status.ServingRevision != 3 {
		t.Errorf("want the one as YAML; got %v, %+v", err, one.TypeMeta)
	}
	says(t, w.bad("status", "nobody"), "nobody", "it has aaa-good, mmm-stale, zzz-broken")
	says(t, w.bad("status", "-o", "xml"), "json, yaml, wide")
	for i := range 11 {
		w.sync(w.namespace, fmt.Sprintf("more-%02d", i))
	}
	says(t, w.bad("status", "nobody"), "it has aaa-good", "more-07, 4 more")
}

// TestTerminalIsSafe: what a tenant wrote into an annotation commands nobody's terminal.
func TestTerminalIsSafe(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	evil := "2\x1b[2J\r\nforged\t"
	s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: evil, Revision: 2, Since: metav1.Now()}
	s.Status.Served[0].Request = evil
	w.updateStatus(s)

	for _, args := range [][]string{
		{"status"}, {"status", "db"}, {"status", "-o", "json"}, {"status", "-o", "yaml"},
		{"history", "db"}, {"history", "db", "--at", "1m"}, {"rollback", "db", "--to", "2", "--dry-run"},
	} {
		if out := w.good(args...); strings.ContainsAny(out, "\x1b\r") || strings.Contains(out, "\nforged") {
			t.Errorf("%q lets through: %q", args, out)
		}
	}
}

func TestHistory(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")

	says(t, w.good("history", "db"), "REVISION", "SOURCES", "3", "serving,newest", "shop/db@3, shop/config@7", "~PASSWORD", "1",
		"What was live", "now", "3", "NewVersion")
	says(t, w.good("history", "db", "-o", "wide"), "db.r3")
	says(t, w.good("history", "db", "-o", "yaml"), "history:", "served:", "servingRevision: 3")

	at := start().Add(90 * time.Minute)
	since := start().Add(time.Hour)
	answer := w.good("history", "db", "--at", at.Format(time.RFC3339))
	says(t, answer, "served revision 2", "since:    "+since.Format("2006-01-02T15"), "until:", "NewVersion", "shop/db@2")
	says(t, w.good("history", "db", "--at", at.Format("2006-01-02 15:04")), "served revision 2")
	says(t, w.good("history", "db", "--at", "1m"), "served revision 3", "now")
	says(t, w.good("history", "db", "--at", "1m", "-o", "json"), "\"revision\": 3", "\"live\": true")
	says(t, w.good("history", "db", "--at", at.Format(time.RFC3339), "-o", "json"), "\"revision\": 2", "\"until\": \"", "\"live\": false")
	says(t, w.bad("history", "db", "--at", "10h"), "not known", "the status begins at")
	says(t, w.bad("history", "db", "--at", "noon"), "not a time", "30m or 2h")
	says(t, w.bad("history", "db", "--at", "2999-01-01"), "still to come")
}

// TestHistoryOfWhatIsGone: with onSourceGone: Delete nothing is served at the end.
func TestHistoryOfWhatIsGone(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	s.Status.ServingRevision = 0
	w.updateStatus(s)

	for _, args := range [][]string{{"history", "db"}, {"history", "db", "--at", "1m"}} {
		out := w.good(args...)
		says(t, out, "nothing is served now")
		if strings.Contains(out, " now  ") || strings.Contains(out, "until:    now") {
			t.Errorf("%q says that it is live:\n%s", args, out)
		}
	}
}

func TestDiff(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")

	says(t, w.good("diff", "db", "1"), "URL", "added", "PASSWORD", "changed")
	says(t, w.good("diff", "db", "3", "2"), "URL", "removed", "PASSWORD", "changed")
	says(t, w.good("diff", "db", "3", "3"), "No difference")
	shown := w.run("diff", "db", "1", "2", "--reveal")
	says(t, shown.out, "PASSWORD", "changed", hush+"1", hush+"2")
	says(t, shown.errOut, "no key to verify")
	says(t, w.bad("diff", "db", "9"), "revision 9", "kept are 3 (serving, newest), 2, 1")
	says(t, w.bad("diff", "db", "latest"), "no number")
	says(t, w.bad("diff", "db"), "usage: kubectl secretsync diff NAME REVISION [REVISION]")
	says(t, w.bad("diff", "db", "1", "--show"), "--show", "usage: kubectl secretsync diff")
}

func TestPins(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")

	var fragment v1alpha1.SecretSync
	if err := yaml.Unmarshal([]byte(w.good("pins", "db")), &fragment); err != nil {
		t.Fatal(err)
	}
	if got := fragment.Spec.Data[0].From.Version + " " + fragment.Spec.DataFrom[0].Entry.Version; got != "3 7" {
		t.Errorf("want the versions 3 and 7, got %q", got)
	}
}

// TestPinsOfNamespacedBackend: such a backend is recorded with its namespace.
func TestPinsOfNamespacedBackend(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db", func(s *v1alpha1.SecretSync) {
		s.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: "vault"}
	})
	w.sync(w.namespace, "moved", func(s *v1alpha1.SecretSync) {
		s.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: "vault"}
	})
	says(t, w.good("pins", "db"), "version: \"3\"", "version: \"7\"")

	moved := w.get(w.namespace, "moved")
	moved.Spec.BackendRef.Name = "other"
	if err := w.client.Update(t.Context(), moved); err != nil {
		t.Fatal(err)
	}
	r := w.run("pins", "moved")
	says(t, r.errOut, "shop/db is not pinned", "shop/config is not pinned")
	if r.err == nil {
		t.Error("pins that pin nothing succeed")
	}
}

func TestVersion(t *testing.T) {
	w := newWorld(t)
	says(t, w.good("version"), "v1.2.3")
}

func TestCompletion(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db", func(s *v1alpha1.SecretSync) {
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationRollbackGroup, "g-1")
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationRollbackTo, "2")
	})
	w.sync(w.namespace, "cache")

	says(t, w.good("__complete", "status", ""), "cache\tserves 3, newest 3\n", "db\t")
	if out := w.good("__complete", "history", "d"); strings.Contains(out, "cache") || !strings.Contains(out, "db") {
		t.Errorf("want names that begin with d, got:\n%s", out)
	}
	says(t, w.good("__complete", "diff", "db", ""), "3\t", "serving, newest", "2\t", "1\t")
	says(t, w.good("__complete", "forget", "db", "1", ""), "3\t", "2\t")
	says(t, w.good("__complete", "rollback", "db", "--to", ""), "3\t", "2\t", "1\t")
	says(t, w.good("__complete", "follow", "--group", ""), "g-1\n")
	says(t, w.good("__complete", "status", "-o", ""), "json", "yaml", "wide")
	says(t, w.good("__complete", "status", "--context", ""), "\n")
	says(t, w.good("__complete", "version", "--namespace", "cli-"), w.namespace)
	says(t, w.good("completion", "bash"), "__start_kubectl-secretsync")
}
