// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
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

// TestEdits tells what another hand did to a target that served revision 3 and holds an
// edited password, by what is asked for.
func TestEdits(t *testing.T) {
	const edited, untouched = "edited by hand", "password"
	edit := []target.Difference{{Kind: target.Edited, Keys: []string{"password"}}}
	hold := func(request string, number int64) func(*run) {
		return func(u *run) {
			u.decision.Hold = revision.Hold{Request: request, Number: number}
			u.decision.Serve = number
		}
	}
	heldFor := func(request string) func(*run) {
		return func(u *run) { u.known.Held = revision.Hold{Request: request, Number: 3} }
	}
	cases := map[string]struct {
		reason   string
		password string
		mods     []func(*run)
		want     []target.Difference
	}{
		"Following":   {reason: "nobody asked for it", password: edited, want: edit},
		"Frozen":      {reason: "to freeze what is served asks for no content", password: edited, mods: []func(*run){hold("current", 3)}, want: edit},
		"Released":    {reason: "to follow what is served asks for none either", password: edited, mods: []func(*run){heldFor("current")}, want: edit},
		"Untouched":   {reason: "that it is not held yet is nobody's edit", password: untouched, mods: []func(*run){hold("current", 3)}},
		"SameNumber":  {reason: "somebody wants what revision 3 holds", password: edited, mods: []func(*run){hold("3", 3)}},
		"OtherNumber": {reason: "somebody wants what revision 2 holds", password: edited, mods: []func(*run){hold("2", 2)}},
		"HeldAlready": {reason: "that was asked for before the edit", password: edited, mods: []func(*run){heldFor("3"), hold("3", 3)}, want: append(
			edit, target.Difference{Kind: target.Metadata, Keys: []string{v1alpha1.AnnotationHeldFor}})},
		"SpecEdited": {reason: "the specification may want it so", password: edited, mods: []func(*run){func(u *run) { u.object.Generation++ }}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(func(u *run) { u.known.Serving, u.decision.Serve = 3, 3 })
			for _, mod := range tc.mods {
				mod(u)
			}
			content := func(password string) render.Content {
				return render.FromSecret("Opaque", map[string][]byte{"password": []byte(password)})
			}
			writer := target.NewWriter(fake.NewClientBuilder().Build())
			if _, err := writer.Create(t.Context(), target.WantOf(u.object, 3), content(tc.password)); err != nil {
				t.Fatal(err)
			}
			want := u.want(u.decision.Serve)
			live, err := writer.Look(t.Context(), want, true)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, u.edits(live, want, content(untouched))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}
