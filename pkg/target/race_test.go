// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/fieldowner"
)

// TestMergeRaces: whatever happened to the Secret between the look and the write, the write is
// not carried out, and the next try decides on what is there then.
func TestMergeRaces(t *testing.T) {
	want, content := mergeWant("app", 1), contentOf("A", marker)
	edited := func(edit func(*corev1.Secret)) func(*testing.T, *world) error {
		return func(t *testing.T, w *world) error {
			t.Helper()
			secret := w.secret(t)
			edit(secret)
			return w.server.Update(t.Context(), secret)
		}
	}
	deleted := func(t *testing.T, w *world) error { t.Helper(); return w.server.Delete(t.Context(), foreign()) }
	cases := map[string]struct {
		meanwhile func(*testing.T, *world) error
		reason    string // of the next try; empty if it is carried out
	}{
		"AnotherHasTheKey": {reason: ReasonKeyNotOwned, meanwhile: edited(func(s *corev1.Secret) {
			other := mergeWant("other", 1)
			newShare(other, s).apply(s, other, contentOf("A", marker+" of another"))
		})},
		"OwnerHasTheKey": {reason: ReasonKeyNotOwned, meanwhile: edited(func(s *corev1.Secret) { s.Data["A"] = []byte(marker) })},
		"OwnerReplaces":  {meanwhile: edited(func(s *corev1.Secret) { s.Data = contentOf("owner", "another").Reveal() })},
		"MadeImmutable":  {reason: "RecreateForbidden", meanwhile: edited(func(s *corev1.Secret) { s.Immutable = new(true) })},
		"MadeCredential": {reason: "NotOwned", meanwhile: edited(func(s *corev1.Secret) { s.Labels = map[string]string{v1alpha1.LabelCredential: "true"} })},
		"Deleted":        {reason: ReasonTargetMissing, meanwhile: deleted},
		"Recreated": {meanwhile: func(t *testing.T, w *world) error {
			t.Helper()
			return errors.Join(deleted(t, w), w.server.Create(t.Context(), foreign("owner", "another")))
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(foreign("owner", "stays"))
			live := w.look(t, want).Judged(content, nil)
			if err := tc.meanwhile(t, w); err != nil {
				t.Fatal(err)
			}
			before := w.stored(t)
			if err := w.Update(t.Context(), live, want, content); !fault.Is(err, fault.Conflict) {
				t.Errorf("the write: %v", err)
			}
			if diff := cmp.Diff(before, w.stored(t)); diff != "" {
				t.Errorf("it was written (-before +now):\n%s", diff)
			}
			if again := w.look(t, want); !again.Exists() {
				wantFault(t, want.Absent(), fault.NotOwned, tc.reason)
			} else if err := w.put(t, want, content, nil); tc.reason != "" {
				wantFault(t, err, fault.NotOwned, tc.reason)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// stored returns the Secret, nil if it is gone.
func (w *world) stored(t *testing.T) *corev1.Secret {
	t.Helper()
	var secret corev1.Secret
	err := w.server.Get(t.Context(), client.ObjectKeyFromObject(foreign()), &secret)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return &secret
}

// TestRival: whom a repair is against shows in who wrote the Secret last, where keys of ours are
// gone from a Secret of somebody else.
func TestRival(t *testing.T) {
	gone := []Difference{{Kind: Missing, Keys: []string{"A"}}}
	fields := []metav1.ManagedFieldsEntry{
		{Manager: "installer", Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: metav1.NewFieldsV1(`{"f:data":{"f:owner":{}}}`)},
		{Manager: FieldManager, Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{}}`)},
	}
	secret := foreign("owner", "stays")
	secret.ManagedFields = fields
	merged := Live{secret: secret, share: newShare(mergeWant("app", 1), secret)}
	if got := merged.Rival(gone); got != "installer" {
		t.Errorf("the rival is %q", got)
	}
	if got := merged.By(gone); got != fieldowner.Unknown {
		t.Errorf("%q is told as the author of what shows none", got)
	}
	if got := (Live{secret: secret}).Rival(gone); got != fieldowner.Unknown {
		t.Errorf("the rival for a Secret of our own is %q", got)
	}
}
