// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rollback

import (
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestTold: status, audit lines and events say what was live since when, why, and who asked.
func TestTold(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 2)
	rollback(t, n, "1") // by the manager somebody
	awaitHeld(t, n, "1", 1)
	rollback(t, n, "")
	awaitFollowing(t, n, 2)
	s := n.Get(t, "db")
	want := []v1alpha1.ServedEntry{
		{Revision: 2, Cause: v1alpha1.CauseRelease},
		{Revision: 1, Cause: v1alpha1.CauseRollback, By: "somebody", Request: "1"},
		{Revision: 2, Cause: v1alpha1.CauseNewVersion},
		{Revision: 1, Cause: v1alpha1.CauseNewVersion},
	}
	if len(s.Status.Served) != len(want) {
		t.Fatalf("served is %+v", s.Status.Served)
	}
	lines := n.AuditLines(t, "db")
	for i, got := range s.Status.Served {
		line := lines[len(lines)-1-i]
		if line.Revision != got.Revision || line.Cause != got.Cause || line.By != got.By || line.Request != got.Request {
			t.Errorf("the audit line tells %+v, the status %+v", line, got)
		}
		if got.From.IsZero() {
			t.Errorf("entry %d does not tell since when", i)
		}
		got.From = want[i].From
		if got != want[i] {
			t.Errorf("entry %d is %+v, want %+v", i, got, want[i])
		}
	}
	n.AwaitEvent(t, "db", "Served")
}

// TestHoldThatAToolEnds: a hold that ends soon without the plugin is warned of, with who
// wrote last; the plugin leaves a trace.
func TestHoldThatAToolEnds(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 2)
	rollback(t, n, "1")
	awaitHeld(t, n, "1", 1)
	// managedFields tell whole seconds: who writes in the same one as somebody else is not the last.
	since := n.Get(t, "db").Status.Rollback.Since.Time
	harness.Await(t, "the next second", func() string {
		if time.Now().Before(since.Add(time.Second)) {
			return "not yet"
		}
		return ""
	})
	var s v1alpha1.SecretSync
	if err := n.Client.Get(t.Context(), n.Key("db"), &s); err != nil {
		t.Fatal(err)
	}
	base := s.DeepCopy()
	delete(s.Annotations, v1alpha1.AnnotationRollbackTo)
	s.Labels = map[string]string{"applied": "again"}
	if err := n.Client.Patch(t.Context(), &s, client.MergeFrom(base), client.FieldOwner("some-gitops-tool")); err != nil {
		t.Fatal(err)
	}
	awaitFollowing(t, n, 2)
	n.AwaitEvent(t, "db", "HoldEnded")
	if got := eventNote(t, n, "HoldEnded"); !strings.Contains(got, `"1"`) || !strings.Contains(got, "some-gitops-tool") {
		t.Errorf("it tells %q", got)
	}
}

// TestHoldThatThePluginEnds is not warned of.
func TestHoldThatThePluginEnds(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 2)
	rollback(t, n, "1")
	awaitHeld(t, n, "1", 1)
	n.Edit(t, "db", func(s *v1alpha1.SecretSync) {
		delete(s.Annotations, v1alpha1.AnnotationRollbackTo)
		s.Annotations[v1alpha1.AnnotationReleased] = time.Now().Format(time.RFC3339)
	})
	awaitFollowing(t, n, 2)
	change(t, n, 3)
	n.AwaitReady(t, "db", 3)
	if got := eventNote(t, n, "HoldEnded"); got != "" {
		t.Errorf("it was warned: %s", got)
	}
}
