// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

func TestRefresh(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db", func(s *v1alpha1.SecretSync) { s.Labels["result"] = "Unchanged" })
	w.sync(w.namespace, "down", func(s *v1alpha1.SecretSync) { s.Labels["result"] = "Timeout" })
	w.sync(w.namespace, "off", func(s *v1alpha1.SecretSync) { s.Spec.Suspend = new(true) })

	says(t, w.good("refresh", "db"), "asked to read")
	first := w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationRefresh]
	w.operate()
	says(t, w.good("refresh", "db", "--wait"), "read at", "Unchanged")
	if second := w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationRefresh]; first == "" || second == first {
		t.Errorf("want a new text each time, got %q and %q", first, second)
	}
	says(t, w.bad("refresh", "down", "--wait"), "Timeout")
	says(t, w.bad("refresh", "off"), "suspended", "spec.suspend")
}

func TestAccept(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	w.workloads("db")
	says(t, w.good("accept", "db"), "nothing is held back")

	s.Status.Blocked = &v1alpha1.BlockedStatus{Token: "t-1", Keys: []string{"PASSWORD", "URL"}}
	w.updateStatus(s)
	r := w.run("accept", "db")
	says(t, r.out, "LOST: PASSWORD, URL", "WARNING: Deployment web needs PASSWORD")
	if r.err == nil || w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationAccept] != "" {
		t.Errorf("accepted without a word: %v", r.err)
	}
	w.operate()
	says(t, w.good("accept", "db", "-y", "--wait"), "let through")
	if got := w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationAccept]; got != "t-1" {
		t.Errorf("want the token, got %q", got)
	}
}

// TestAcceptRemovals: what a ClusterSecretSync holds back is shown, with what becomes of the Secrets,
// before it is let go; and what is held back by then has to be what was shown.
func TestAcceptRemovals(t *testing.T) {
	w := newWorld(t)
	fan := &v1alpha1.ClusterSecretSync{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}, Spec: v1alpha1.ClusterSecretSyncSpec{
		SecretSync: v1alpha1.SecretSyncTemplate{Spec: w.sync(w.namespace, "db").Spec},
	}}
	w.create(fan)
	argument := "clustersecretsync.secretsync.io/" + fan.Name
	blocks := func(token string) {
		if err := w.client.Get(t.Context(), client.ObjectKeyFromObject(fan), fan); err != nil {
			t.Error(err)
		}
		fan.Status.Blocked = nil
		if token != "" {
			fan.Status.Blocked = &v1alpha1.BlockedRemoval{Token: token, Count: new(int32(40)), Namespaces: []string{"blue", "green"}}
		}
		if err := w.client.Status().Update(t.Context(), fan); err != nil {
			t.Error(err)
		}
	}
	accepted := func() string {
		if err := w.client.Get(t.Context(), client.ObjectKeyFromObject(fan), fan); err != nil {
			t.Fatal(err)
		}
		return fan.Annotations[v1alpha1.AnnotationAccept]
	}
	says(t, w.good("accept", argument), "nothing is held back")
	says(t, w.bad("accept", "cssync/none"), `no ClusterSecretSync "none"`)

	blocks("t-1")
	r := w.run("accept", "cssync/"+fan.Name)
	says(t, r.out, "40 namespaces will be DELETED", "blue, green and 38 more", "Their Secrets stay")
	if got := accepted(); r.err == nil || got != "" {
		t.Errorf("accepted without a word: %v, %q", r.err, got)
	}
	says(t, w.good("accept", argument, "-y"), "accepted")
	if got := accepted(); got != "t-1" {
		t.Errorf("want the token, got %q", got)
	}
	says(t, w.bad("accept", argument, "-y", "--wait", "--timeout", "300ms"), "no answer", "the request stands")

	fan.Spec.SecretSync.Spec.Target.OnDelete = v1alpha1.Delete
	if err := w.client.Update(t.Context(), fan); err != nil {
		t.Fatal(err)
	}
	w.stdin, w.meanwhile = "y\n", func() { blocks("t-2") }
	r = w.run("accept", argument, "--wait")
	says(t, r.out, "Their Secrets will be DELETED")
	if !strings.Contains(fmt.Sprint(r.err), "others are held back") {
		t.Errorf("want to be told that it is another token, got %v", r.err)
	}
	w.meanwhile = func() { blocks("") }
	says(t, w.run("accept", argument, "--wait").out, "let go")

	w.meanwhile = nil
	accepted()
	fan.Spec.Rollout.Pause = new(true)
	if err := w.client.Update(t.Context(), fan); err != nil {
		t.Fatal(err)
	}
	blocks("t-3")
	says(t, w.good("accept", argument, "-y", "--wait"), "nothing is deleted before spec.rollout.pause ends")

	user := w.as("cleo", rule("secretsync.io", []string{"secretsyncs"}, []string{"get", "patch"}))
	says(t, user.bad("accept", argument), "forbidden", "ClusterRole", `resources: ["clustersecretsyncs"], verbs: ["get"]`)
}

// TestAcceptOfMany: the status does not list all keys.
func TestAcceptOfMany(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	s.Status.Blocked = &v1alpha1.BlockedStatus{Token: "t-1"}
	for i := range 32 {
		s.Status.Blocked.Keys = append(s.Status.Blocked.Keys, fmt.Sprintf("KEY_%02d", i))
	}
	s.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionReady, metav1.ConditionFalse, "SuspiciousShrink", "40 of 50 keys are gone")}
	w.updateStatus(s)
	says(t, w.run("accept", "db").out, "KEY_31 and perhaps more", "40 of 50 keys are gone")
}

func TestForget(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	s.Status.ServingRevision = 2
	s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: "2", Revision: 2, Since: s.Status.Served[0].From}
	w.updateStatus(s)
	w.applyAs("somebody", s, map[string]string{v1alpha1.AnnotationRollbackTo: "2"})

	says(t, w.bad("forget", "db", "3", "-y"), "newest", "write a new value")
	says(t, w.bad("forget", "db", "1", "2", "-y"), "held", "follow")
	says(t, w.bad("forget", "db", "1"), "not confirmed")
	w.good("rollback", "db", "--to", "1", "-y")
	says(t, w.bad("forget", "db", "1", "-y"), "held", "follow")
	w.good("rollback", "db", "--to", "2", "-y")
	says(t, w.good("forget", "db", "17"), "nothing to do", "kept are")
	if _, asked := w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationForget]; asked {
		t.Error("something was forgotten")
	}
	w.operate()
	says(t, w.good("forget", "db", "1", "1", "-y", "--wait"), "revision 1 will be DELETED", "Not undone", "forgot revision 1")
	after := w.get(w.namespace, "db")
	if got := after.Annotations[v1alpha1.AnnotationForget]; got != "1" || slices.Contains(timeline.Numbers(&after.Status), 1) {
		t.Errorf("want 1 to be gone, got %q", got)
	}
}

// TestForgetIsTrue: what leaked is not called forgotten while its Secret is there.
func TestForgetIsTrue(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	s.Status.History = s.Status.History[:2]
	w.updateStatus(s)

	says(t, w.bad("forget", "db", "1", "-y", "--wait", "--timeout", "300ms"), "no answer", "still there: Secret db.r1")
	says(t, w.good("forget", "db", "1", "-y"), "the status does not list revision 1, and its Secret is there", "kubectl delete secret -n "+w.namespace+" db.r1", "asked to forget")

	user := w.as("fay", rule("secretsync.io", []string{"secretsyncs"}, []string{"get", "list", "patch"}))
	says(t, user.bad("forget", "db", "1", "-y"), "could not be checked", `resources: ["secrets"]`)
	w.operate()
	says(t, user.good("forget", "db", "2", "-y", "--wait"), "does not list revision 2 any more", "could not be checked", `resources: ["secrets"]`)
}

// TestForgetIsRefused: the operator says so at once.
func TestForgetIsRefused(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	w.applyAs("somebody", s, map[string]string{v1alpha1.AnnotationForget: "1"})
	s = w.get(w.namespace, "db")
	s.Status.Conditions = append(s.Status.Conditions,
		condition(v1alpha1.ConditionHistoryDegraded, metav1.ConditionTrue, "ForgetRefused", "revision 1 is served and stays"))
	w.updateStatus(s)
	says(t, w.bad("forget", "db", "1", "-y", "--wait"), "ForgetRefused", "revision 1 is served and stays")
}

func TestPause(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	until := func() string { return w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationPauseUntil] }

	says(t, w.good("pause", "db", "--for", "2h"), "not written until", "--off")
	end, err := time.Parse(time.RFC3339, until())
	if left := time.Until(end); err != nil || left < 119*time.Minute || left > 2*time.Hour {
		t.Errorf("want two hours, got %s (%v)", left, err)
	}
	says(t, w.good("rollback", "db", "--to", "2", "--dry-run"), "writes are paused until")
	says(t, w.good("pause", "db", "--off"), "no longer paused")
	if until() != "" {
		t.Error("still paused")
	}
	tomorrow := time.Now().UTC().Add(20 * time.Hour).Format("2006-01-02 15:04")
	says(t, w.good("pause", "db", "--until", tomorrow), "not written until")
	says(t, w.bad("pause", "db", "--for", "25h"), "within 24h")
	says(t, w.bad("pause", "db", "--until", "2020-01-01"), "future")
	says(t, w.bad("pause", "db"), "for", "until", "off")
}
