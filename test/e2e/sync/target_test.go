// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestTargetNameTypeAndMetadata, from the first write and over edits; what others put on
// the Secret stays.
func TestTargetNameTypeAndMetadata(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"username": "the-user", "password": "the-password"})
	described := func(labels map[string]v1alpha1.LabelValue, annotations map[string]v1alpha1.AnnotationValue) harness.SyncEdit {
		return func(s *v1alpha1.SecretSync) {
			s.Spec.Target.Metadata = v1alpha1.TargetMetadata{Labels: labels, Annotations: annotations}
		}
	}
	n.Sync(t, "db", func(s *v1alpha1.SecretSync) {
		s.Spec.Target.Name, s.Spec.Target.Type = "database-login", string(corev1.SecretTypeBasicAuth)
	}, described(map[string]v1alpha1.LabelValue{"team": "payments", "tier": "one"}, map[string]v1alpha1.AnnotationValue{"note": "for the shop"}))
	n.AwaitReady(t, "db", 1)
	secret := n.Secret(t, "database-login")
	if secret.Type != corev1.SecretTypeBasicAuth || secret.Labels["team"] != "payments" || secret.Annotations["note"] != "for the shop" {
		t.Errorf("want type, label and annotation as asked for, got %s %v %v", secret.Type, secret.Labels, secret.Annotations)
	}

	n.EditSecret(t, "database-login", func(s *corev1.Secret) {
		s.Labels["foreign"], s.Annotations["foreign"] = "stays", "stays"
	})
	n.Edit(t, "db", described(map[string]v1alpha1.LabelValue{"team": "billing"}, nil))
	harness.Await(t, "the edited metadata", func() string {
		got := n.Secret(t, "database-login")
		if _, tier := got.Labels["tier"]; tier || got.Labels["team"] != "billing" || got.Annotations["note"] != "" {
			return "it is not there yet"
		}
		if got.Labels["foreign"] != "stays" || got.Annotations["foreign"] != "stays" {
			t.Fatalf("what others put on it is gone: %v %v", got.Labels, got.Annotations)
		}
		return ""
	})
	n.SameBytes(t, secret)
	n.AwaitReady(t, "db", 1)
}

// TestTargetRenamed: the new one is served, the old one stays as it is.
func TestTargetRenamed(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "the-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	before := n.Secret(t, "db")
	n.Edit(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Target.Name = "renamed" })
	n.AwaitSecret(t, "renamed", texts{"password": "the-password"})
	n.AwaitReady(t, "db", 1)
	n.Unchanged(t, before)
}

// TestTypeChange deletes and creates the Secret where that is allowed, and only there.
func TestTypeChange(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"username": "the-user", "password": "the-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	before := n.Secret(t, "db")
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Labels["foreign"] = "stays" })
	n.Edit(t, "db", func(s *v1alpha1.SecretSync) {
		s.Spec.Target.Type, s.Spec.Target.Recreate = string(corev1.SecretTypeBasicAuth), v1alpha1.RecreateAllowed
	})
	n.AwaitReady(t, "db", 2)
	after := n.Secret(t, "db")
	if after.UID == before.UID || after.Type != corev1.SecretTypeBasicAuth || after.Labels["foreign"] != "stays" {
		t.Errorf("want another Secret of the new type with the foreign label, got %s %v", after.Type, after.Labels)
	}
}

// TestImmutableByAnotherHand can be changed only by deleting and creating it, which is
// refused unless allowed.
func TestImmutableByAnotherHand(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Immutable = new(true) })
	before := n.Secret(t, "db")
	n.Write(t, "db", fields{"password": "second-password"})
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "RecreateForbidden")
	n.Unchanged(t, before)
	n.Edit(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Target.Recreate = v1alpha1.RecreateAllowed })
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
}

// TestDeletion of the SecretSync leaves the Secret as it is, or takes it along if asked to.
func TestDeletion(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "keep", fields{"password": "the-password"})
	n.Write(t, "drop", fields{"password": "the-password"})
	n.Write(t, "changed", fields{"password": "the-password"})
	dropped := func(s *v1alpha1.SecretSync) { s.Spec.Target.OnDelete = v1alpha1.Delete }
	n.Sync(t, "keep")
	n.Sync(t, "drop", dropped)
	n.Sync(t, "changed", dropped)
	for _, name := range []string{"keep", "drop", "changed"} {
		n.AwaitReady(t, name, 1)
	}
	n.Edit(t, "changed", func(s *v1alpha1.SecretSync) { s.Spec.Target.OnDelete = v1alpha1.Keep })
	n.AwaitReady(t, "changed", 1)
	kept, changed := n.Secret(t, "keep"), n.Secret(t, "changed")
	for _, name := range []string{"keep", "drop", "changed"} {
		n.Delete(t, &v1alpha1.SecretSync{}, name)
	}
	harness.Await(t, "the Secret to go with its SecretSync", func() string {
		if err := n.Client.Get(t.Context(), n.Key("drop"), &corev1.Secret{}); !apierrors.IsNotFound(err) {
			return "it is still there"
		}
		return ""
	})
	for _, name := range []string{"keep", "drop", "changed"} {
		harness.Await(t, "the revisions of "+name+" to go", func() string {
			if len(n.Numbers(t, name)) > 0 {
				return "some are still there"
			}
			return ""
		})
	}
	n.Unchanged(t, kept)
	n.Unchanged(t, changed)
}
