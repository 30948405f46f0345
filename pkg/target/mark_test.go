// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// TestMark: what another hand made of the Secret stays, but for the mark.
func TestMark(t *testing.T) {
	want := WantOf(syncOf(labelled(map[string]v1alpha1.LabelValue{"team": "red"})), 3)
	w := newWorld(live(want, contentOf("A", "as recorded"), func(s *corev1.Secret) {
		s.Data["A"], s.Labels, s.Annotations["foreign"] = []byte("edited "+marker), nil, "1"
	}))
	before := w.secret(t)
	for _, request := range []string{"current", "2026-11-12T14:00:00Z", ""} {
		if err := w.Mark(t.Context(), w.look(t, want), request); err != nil {
			t.Fatalf("Mark(%q): %v", request, err)
		}
		w.wantAsked(t, "update")
		if got := w.look(t, want).HeldFor(); got != request {
			t.Errorf("it is held for %q, want %q", got, request)
		}
	}
	after := w.secret(t)
	before.ResourceVersion, after.ResourceVersion = "", ""
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("more than the mark was written (-before +after):\n%s", diff)
	}
}

// TestMarkIsOptimistic: a change between look and write is looked at again, a deletion too.
func TestMarkIsOptimistic(t *testing.T) {
	want := WantOf(syncOf(), 3)
	w := newWorld(live(want, contentOf("A", marker)))
	old := w.look(t, want)
	if err := w.Mark(t.Context(), old, "current"); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.Mark(t.Context(), old, "3"), fault.Conflict, "Conflict")
	if err := w.server.Delete(t.Context(), w.secret(t)); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.Mark(t.Context(), old, "3"), fault.Conflict, "Conflict")
	if (Live{}).HeldFor() != "" {
		t.Error("a target that is not there is held")
	}
}
