// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// goOn returns the arguments of the command that an output names to go on waiting.
func goOn(t *testing.T, out string) []string {
	t.Helper()
	_, rest, found := strings.Cut(out, "To go on waiting: kubectl secretsync ")
	if !found {
		t.Fatalf("no command to go on with in:\n%s", out)
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Fields(strings.ReplaceAll(line, "'", ""))
}

// timesOut runs a command that gets no answer, and returns those that go on.
func (w *world) timesOut(args ...string) []string {
	w.t.Helper()
	r := w.run(append(args, "--timeout", "300ms")...)
	if r.err == nil || !strings.Contains(r.out+r.err.Error(), "no answer") {
		w.t.Fatalf("%q: %v\n%s", args, r.err, r.out)
	}
	return goOn(w.t, r.out)
}

// TestGoOnWaiting: a command that gave up waiting names the one that goes on, and that one does.
func TestGoOnWaiting(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.sync(w.namespace, "cache")
	w.anywhere = true // the command that is named says where
	here := []string{"--namespace", w.namespace}
	at := start().Add(90 * time.Minute).Format(time.RFC3339)

	one := w.timesOut(append([]string{"rollback", "db", "--to", "2", "-y", "--wait"}, here...)...)
	all := w.timesOut(append([]string{"rollback", "-l", "app=shop", "--at", at, "-y", "--wait"}, here...)...)
	w.operate()
	says(t, w.good(append(one, "-y")...), "db: holds revision 2")
	out := w.good(append(all, "-y")...)
	says(t, out, "Done:", "cache: holds revision 2", "db: holds revision 2", "To end all these holds")
}

// TestGoOnFollowing: the operator ends the holds of a group one after the other; the command
// can be repeated until all are ended, and then has nothing to do.
func TestGoOnFollowing(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"cache", "db"} {
		s := w.sync(w.namespace, name, func(s *v1alpha1.SecretSync) {
			s.Annotations = map[string]string{v1alpha1.AnnotationRollbackTo: "2", v1alpha1.AnnotationRollbackGroup: "g-" + w.namespace}
		})
		s.Status.ServingRevision = 2
		s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: "2", Revision: 2, Since: metav1.Now()}
		w.updateStatus(s)
	}
	follow := []string{"follow", "--group", "g-" + w.namespace, "--wait"}
	again := w.timesOut(follow...)
	cache := w.get(w.namespace, "cache")
	cache.Status.Rollback, cache.Status.ServingRevision = nil, 3
	w.updateStatus(cache)

	w.operate()
	out := w.good(again...)
	says(t, out, "db: follows the backend again")
	if strings.Contains(out, "cache") {
		t.Errorf("what follows already is followed again:\n%s", out)
	}
	says(t, w.good(follow...), "holds nothing any more", "nothing is restarted")

	w.applyAs("somebody", w.get(w.namespace, "db"), map[string]string{v1alpha1.AnnotationRollbackTo: "1"})
	says(t, w.good(follow...), "holds nothing any more")
	if got := w.request(w.namespace, "db"); got != "1" {
		t.Errorf("somebody went back after the group did not any more, and that was ended: %q", got)
	}
}
