// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rollback

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// awaitRefused waits until a request is refused for a reason, in the condition that speaks
// of it and in Ready, and returns what the condition tells.
func awaitRefused(t *testing.T, n *harness.Tenant, reason string) string {
	t.Helper()
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, reason)
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionRolledBack, metav1.ConditionFalse, reason)
	return meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionRolledBack).Message
}

// TestRefused: what cannot be done changes nothing, is told with what would be valid, and
// newer states wait until it is undone.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"unknown": "7", "malformed": "revision one", "word": "Previous", "future": time.Now().Add(time.Hour).Format(time.RFC3339),
		"before-all": "2020-01-01T00:00:00Z",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := tenantWith(t, 2)
			before := n.Secret(t, "db")
			rollback(t, n, text)
			if got := awaitRefused(t, n, "RevisionUnknown"); !strings.Contains(got, "kept are the revisions 1, 2") {
				t.Errorf("it tells %q", got)
			}
			n.AwaitEvent(t, "db", "RevisionUnknown")
			change(t, n, 3)
			n.Unchanged(t, before)
			rollback(t, n, "")
			awaitFollowing(t, n, 3)
		})
	}
}

// TestRefusedWhileHeld: a slip of the pen ends no hold.
func TestRefusedWhileHeld(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	rollback(t, n, "previous")
	held := awaitHeld(t, n, "previous", 2)
	rollback(t, n, "preivous")
	awaitRefused(t, n, "RevisionUnknown")
	n.Unchanged(t, held)
	rollback(t, n, "previous")
	awaitHeld(t, n, "previous", 2)
	n.Unchanged(t, held)
}

// TestRefusedWithNothingServed: Pods can start, and the status tells.
func TestRefusedWithNothingServed(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	write(t, n, "db", 1)
	n.Sync(t, "db", onRequest, func(s *v1alpha1.SecretSync) {
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationRollbackTo, "5")
	})
	n.AwaitSecret(t, "db", map[string]string{"password": password(1)})
	awaitRefused(t, n, "RevisionUnknown")
}

// TestNotAllowed: the guard of today decides. What is served stays, and so does a hold that
// began before.
func TestNotAllowed(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	backend := n.ClusterBackend(t, "shared", nil)
	write(t, n, "old", 1)
	write(t, n, "new", 2)
	through := func(path string) harness.SyncEdit {
		return func(s *v1alpha1.SecretSync) {
			s.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: backend}
			s.Spec.DataFrom = []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: path}}}
		}
	}
	n.Sync(t, "db", onRequest, through("old"))
	n.AwaitReady(t, "db", 1)
	n.Edit(t, "db", through("new"))
	n.AwaitReady(t, "db", 2)
	allow := func(paths ...string) {
		var csb v1alpha1.ClusterSecretBackend
		n.Change(t, n.Key(backend), &csb, func() { csb.Spec.Allow.Paths = paths })
	}
	allow("new")
	before := n.Secret(t, "db")
	rollback(t, n, "1")
	if got := awaitRefused(t, n, "NotAllowed"); !strings.Contains(got, `"old"`) {
		t.Errorf("it tells %q", got)
	}
	n.Unchanged(t, before)
	allow("new", "old")
	held := awaitHeld(t, n, "1", 1)
	allow("new")
	n.Annotate(t, "db", "example.com/wake", "up")
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	n.AwaitRepaired(t, "db", func(s *corev1.Secret) bool { return string(s.Data["password"]) == password(1) })
	n.SameBytes(t, held)
}

// TestUntrusted: a look-alike and a forged revision are never served.
func TestUntrusted(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	before := n.Secret(t, "db")
	forged := n.Revisions(t, "db")[2]
	n.Delete(t, &corev1.Secret{}, forged.Name)
	forged.ResourceVersion, forged.UID = "", ""
	forged.Data["password"] = []byte("forged by hand")
	n.Create(t, forged)
	rollback(t, n, "2")
	awaitRefused(t, n, "RevisionUnknown")
	n.Unchanged(t, before)
}
