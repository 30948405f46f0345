// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"maps"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/revision"
)

// Interval is the shortest there is, and what SecretSyncs of the harness have.
const Interval = 5 * time.Second

// SyncEdit changes a SecretSync before it is sent.
type SyncEdit func(*v1alpha1.SecretSync)

// NewSync returns a SecretSync that takes the whole entry of its own name from the tenant's
// backend every Interval, changed by the edits.
func (n *Tenant) NewSync(name string, edits ...SyncEdit) *v1alpha1.SecretSync {
	s := &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Namespace: n.Namespace, Name: name},
		Spec: v1alpha1.SecretSyncSpec{
			BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: Backend},
			Refresh:    v1alpha1.Refresh{Interval: &metav1.Duration{Duration: Interval}},
			DataFrom:   []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: name}}},
		},
	}
	if n.shared != "" {
		s.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: n.shared}
	}
	for _, edit := range edits {
		edit(s)
	}
	return s
}

// Sync creates what NewSync returns.
func (n *Tenant) Sync(tb testing.TB, name string, edits ...SyncEdit) {
	tb.Helper()
	n.Create(tb, n.NewSync(name, edits...))
}

// Change reads an object, has it edited, and updates it as a person would; and again if
// somebody was quicker.
func (w *World) Change(tb testing.TB, key client.ObjectKey, object client.Object, edit func()) {
	tb.Helper()
	Must(tb, retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		if err := w.Client.Get(tb.Context(), key, object); err != nil {
			return err
		}
		edit()
		return w.Client.Update(tb.Context(), object, client.FieldOwner("somebody"))
	}))
}

// Edit changes a SecretSync.
func (n *Tenant) Edit(tb testing.TB, name string, edits ...SyncEdit) {
	tb.Helper()
	var s v1alpha1.SecretSync
	n.Change(tb, n.Key(name), &s, func() {
		for _, edit := range edits {
			edit(&s)
		}
	})
}

// Annotate sets an annotation of a SecretSync; an empty value removes it.
func (n *Tenant) Annotate(tb testing.TB, name, key, value string) {
	tb.Helper()
	n.Edit(tb, name, func(s *v1alpha1.SecretSync) {
		if s.Annotations == nil {
			s.Annotations = map[string]string{}
		}
		s.Annotations[key] = value
		if value == "" {
			delete(s.Annotations, key)
		}
	})
}

// EditSecret changes a Secret.
func (n *Tenant) EditSecret(tb testing.TB, name string, edit func(*corev1.Secret)) {
	tb.Helper()
	var s corev1.Secret
	n.Change(tb, n.Key(name), &s, func() { edit(&s) })
}

// Get returns a SecretSync.
func (n *Tenant) Get(tb testing.TB, name string) *v1alpha1.SecretSync {
	tb.Helper()
	var s v1alpha1.SecretSync
	Must(tb, n.Client.Get(tb.Context(), n.Key(name), &s))
	return &s
}

// Secret returns a Secret.
func (n *Tenant) Secret(tb testing.TB, name string) *corev1.Secret {
	tb.Helper()
	var s corev1.Secret
	Must(tb, n.Client.Get(tb.Context(), n.Key(name), &s))
	return &s
}

// Delete deletes an object of the tenant.
func (n *Tenant) Delete(tb testing.TB, object client.Object, name string) {
	tb.Helper()
	object.SetNamespace(n.Namespace)
	object.SetName(name)
	Must(tb, n.Client.Delete(tb.Context(), object))
}

// Key names an object of the tenant.
func (n *Tenant) Key(name string) client.ObjectKey {
	return client.ObjectKey{Namespace: n.Namespace, Name: name}
}

// Revisions returns the Secrets that keep the revisions of a SecretSync, by number.
func (n *Tenant) Revisions(tb testing.TB, name string) map[int64]*corev1.Secret {
	tb.Helper()
	var list corev1.SecretList
	Must(tb, n.Client.List(tb.Context(), &list, client.InNamespace(n.Namespace),
		client.MatchingFields{"type": v1alpha1.SecretTypeRevision}))
	kept := map[int64]*corev1.Secret{}
	for i := range list.Items {
		if owner, number, ok := revision.ParseSecretName(list.Items[i].Name); ok && owner == name {
			kept[number] = &list.Items[i]
		}
	}
	return kept
}

// Numbers returns the numbers of the revisions of a SecretSync that exist, ascending.
func (n *Tenant) Numbers(tb testing.TB, name string) []int64 {
	tb.Helper()
	return slices.Sorted(maps.Keys(n.Revisions(tb, name)))
}

// Texts returns the data of a Secret as texts.
func Texts(s *corev1.Secret) map[string]string {
	texts := make(map[string]string, len(s.Data))
	for key, value := range s.Data {
		texts[key] = string(value)
	}
	return texts
}
