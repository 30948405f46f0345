// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/target"
)

// holding has the target say that it holds a revision.
func holding(t *testing.T, number string) func(*run) {
	t.Helper()
	return func(u *run) {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: u.key.Namespace, Name: u.key.Name, Annotations: map[string]string{
			v1alpha1.AnnotationOwner: u.key.String(), v1alpha1.AnnotationRevision: number,
		}}}
		var err error
		if u.observed, err = target.Observe(t.Context(), fake.NewClientBuilder().WithObjects(secret).Build(), u.key); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnjudged(t *testing.T) {
	told := func(u *run) { u.status.History = []v1alpha1.HistoryEntry{{Revision: 3, Digest: "digest"}} }
	unread := func(u *run) { u.unread = true }
	cases := map[string]struct {
		reason string
		mods   []func(*run)
		want   bool
	}{
		"Known":     {reason: "the digest tells", mods: []func(*run){told, holding(t, "3")}},
		"Lost":      {reason: "status and revision are lost", mods: []func(*run){holding(t, "3")}, want: true},
		"LostRead":  {reason: "what the backend holds tells", mods: []func(*run){holding(t, "3"), func(u *run) { u.content = &render.Content{} }}},
		"Behind":    {reason: "the next revision waits to be served", mods: []func(*run){told, holding(t, "2"), unread}},
		"Ahead":     {reason: "a revision was refused, its state served, and then came the crash", mods: []func(*run){told, holding(t, "4"), unread}, want: true},
		"AheadRead": {reason: "this process served 3, so another hand wrote 4", mods: []func(*run){told, holding(t, "4")}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := newRun(tc.mods...).unjudged(3); got != tc.want {
				t.Errorf("unjudged = %t, want %t: %s", got, tc.want, tc.reason)
			}
		})
	}
}
