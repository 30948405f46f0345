// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// kept is the SecretSync of these tests, which has two revisions.
const kept = "kept"

// keep runs an operator until it has served two revisions, and returns the Secret then and
// the keys of the installation.
func keep(t *testing.T, w *harness.Installed, n *harness.Tenant) (served *corev1.Secret, keys map[string][]byte) {
	t.Helper()
	w.Run(t, harness.RunOptions{Args: quick()})
	n.Write(t, kept, fields{field: guessable})
	n.Sync(t, kept)
	n.AwaitReady(t, kept, 1)
	n.Write(t, kept, fields{field: another})
	n.AwaitReady(t, kept, 2)
	var secret corev1.Secret
	harness.Must(t, w.Client.Get(t.Context(), keysSecret(), &secret))
	return n.Secret(t, kept), secret.Data
}

func keysSecret() client.ObjectKey {
	return client.ObjectKey{Namespace: harness.Home, Name: v1alpha1.KeysSecret}
}

// restart ends the operator, puts other keys in place, or none, and returns once another
// operator has read the entry twice.
func restart(t *testing.T, w *harness.Installed, n *harness.Tenant, name string, keys map[string][]byte) {
	t.Helper()
	w.Operator.Kill()
	at := metav1.ObjectMeta{Namespace: keysSecret().Namespace, Name: keysSecret().Name}
	harness.Must(t, w.Client.Delete(t.Context(), &corev1.Secret{ObjectMeta: at}))
	if keys != nil {
		harness.Must(t, w.Client.Create(t.Context(), &corev1.Secret{ObjectMeta: at, Data: keys}))
	}
	w.Run(t, harness.RunOptions{Name: n.Namespace + "-" + name, Args: quick()})
	awaitReads(t, n, kept, 2)
}

// awaitReads waits until an entry has been read that many times more.
func awaitReads(t *testing.T, n *harness.Tenant, path string, more int) {
	t.Helper()
	before := n.Reads(t, path)
	harness.Await(t, fmt.Sprintf("%d more reads of %q", more, path), func() string {
		if got := n.Reads(t, path) - before; got < more {
			return fmt.Sprintf("there are %d", got)
		}
		return ""
	})
}

// wantRevisions fails the test unless exactly these revisions exist.
func wantRevisions(t *testing.T, n *harness.Tenant, want ...int64) {
	t.Helper()
	if got := n.Numbers(t, kept); !slices.Equal(got, want) {
		t.Errorf("want revisions %v, got %v", want, got)
	}
}

// degraded reports whether a SecretSync says that it cannot trust its history.
func degraded(s *v1alpha1.SecretSync) bool {
	return meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionHistoryDegraded)
}

// TestLostKeyChangesNothingServed loses the keys: what is served stays, nothing is recorded
// for it, history says that it cannot be trusted, and the next change is served as ever.
func TestLostKeyChangesNothingServed(t *testing.T) {
	w := suite.Get(t)
	n := retire(t, w.Tenant(t, harness.TenantOptions{}))
	before, keys := keep(t, w, n)

	restart(t, w, n, "lost", nil)
	n.SameBytes(t, before)
	wantRevisions(t, n, 1, 2)
	n.AwaitStatus(t, kept, "HistoryDegraded and Ready", func(s *v1alpha1.SecretSync) string {
		if !degraded(s) || !meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionReady) || s.Status.ServingRevision != 2 {
			return "it has not"
		}
		return ""
	})

	n.Write(t, kept, fields{field: "after the loss"})
	n.AwaitSecret(t, kept, texts{field: "after the loss"})
	n.AwaitReady(t, kept, 3)
	wantRevisions(t, n, 1, 2, 3)

	n.EditSecret(t, kept, func(s *corev1.Secret) { s.Data[field] = []byte("by hand") })
	n.AwaitSecret(t, kept, texts{field: "after the loss"})

	t.Run("Restored", func(t *testing.T) {
		// The lost key, found again, beside the one made meanwhile: all verifies.
		var made corev1.Secret
		harness.Must(t, w.Client.Get(t.Context(), keysSecret(), &made))
		if bytes.Equal(made.Data["current"], keys["current"]) {
			t.Fatal("want another key after the loss")
		}
		restart(t, w, n, "restored", map[string][]byte{"current": made.Data["current"], "previous": keys["current"]})
		n.AwaitStatus(t, kept, "a history that can be trusted", func(s *v1alpha1.SecretSync) string {
			if degraded(s) {
				return "it is degraded"
			}
			return ""
		})
		n.AwaitSecret(t, kept, texts{field: "after the loss"})
		wantRevisions(t, n, 1, 2, 3)
	})
}

// TestRotatedKeyChangesNothingAtAll puts a new key in front of the old one.
func TestRotatedKeyChangesNothingAtAll(t *testing.T) {
	w := suite.Get(t)
	n := retire(t, w.Tenant(t, harness.TenantOptions{}))
	before, keys := keep(t, w, n)
	status := n.Get(t, kept).Status

	fresh := bytes.Repeat([]byte("a new key, made by a person"), 2)
	restart(t, w, n, "rotated", map[string][]byte{"current": fresh, "previous": keys["current"]})
	n.Unchanged(t, before)
	wantRevisions(t, n, 1, 2)
	if s := n.Get(t, kept); degraded(s) || s.Status.ServingRevision != status.ServingRevision {
		t.Errorf("want a history that can be trusted, got %+v", s.Status)
	}

	n.Write(t, kept, fields{field: "after the rotation"})
	n.AwaitReady(t, kept, 3)
	n.EditSecret(t, kept, func(s *corev1.Secret) { s.Data[field] = []byte("by hand") })
	n.AwaitSecret(t, kept, texts{field: "after the rotation"})
	wantRevisions(t, n, 1, 2, 3)
}
