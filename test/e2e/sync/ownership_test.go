// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// foreign returns a Secret that somebody else made.
func foreign(name string, secretType corev1.SecretType, data texts) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Type: secretType, StringData: data}
}

// refresh wakes a SecretSync that waits for somebody else's Secret, so that the test need
// not wait for its next try.
func refresh(t *testing.T, n *harness.Tenant, name, text string) {
	t.Helper()
	n.Annotate(t, name, v1alpha1.AnnotationRefresh, text)
}

// TestAdoption leaves a foreign Secret alone until it is handed over, and keeps what it
// held.
func TestAdoption(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "from-the-vault"})
	n.Create(t, foreign("db", corev1.SecretTypeOpaque, texts{"password": "made by hand", "old": "old value"}))
	before := n.Secret(t, "db")
	n.Sync(t, "db")
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "NotOwned")
	if message := readyMessage(s); !strings.Contains(message, v1alpha1.AnnotationAdoptBy+"=db") {
		t.Errorf("the message does not say how to hand the Secret over: %q", message)
	}
	n.Unchanged(t, before)

	n.EditSecret(t, "db", func(s *corev1.Secret) {
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationAdoptBy, "db")
		metav1.SetMetaDataLabel(&s.ObjectMeta, "foreign", "stays")
	})
	refresh(t, n, "db", "handed over")
	n.AwaitSecret(t, "db", texts{"password": "from-the-vault"})
	s = n.AwaitStatus(t, "db", "the own content served", func(s *v1alpha1.SecretSync) string {
		if len(s.Status.Served) < 2 {
			return "nothing is told yet"
		}
		return ""
	})
	after := n.Secret(t, "db")
	if after.UID != before.UID || after.Labels["foreign"] != "stays" {
		t.Errorf("want the same Secret with its label, got %v", after.ObjectMeta)
	}
	adopted := s.Status.Served[1]
	if adopted.Cause != v1alpha1.CauseAdopt {
		t.Fatalf("want the adopted state served before the own one, got %+v", s.Status.Served)
	}
	kept := n.Revisions(t, "db")[adopted.Revision]
	if kept == nil {
		t.Fatalf("what the Secret held is no revision: %v", n.Numbers(t, "db"))
	}
	if diff := cmp.Diff(texts{"password": "made by hand", "old": "old value"}, harness.Texts(kept)); diff != "" {
		t.Errorf("what the Secret held is not recorded (-want +got):\n%s", diff)
	}
	n.AwaitReady(t, "db", s.Status.NewestRevision)
}

// TestAdoptedFromTheStart: a Secret that is offered before its SecretSync exists.
func TestAdoptedFromTheStart(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "from-the-vault"})
	offered := foreign("db", corev1.SecretTypeOpaque, texts{"password": "made by hand"})
	metav1.SetMetaDataAnnotation(&offered.ObjectMeta, v1alpha1.AnnotationAdoptBy, "db")
	n.Create(t, offered)
	n.Sync(t, "db")
	n.AwaitSecret(t, "db", texts{"password": "from-the-vault"})
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Serving")
	if len(n.Numbers(t, "db")) != 2 {
		t.Errorf("want the adopted and the own state as revisions, got %v\n%+v", n.Numbers(t, "db"), s.Status.History)
	}
}

// TestFirstOwnerKeepsTheTarget until it is handed over.
func TestFirstOwnerKeepsTheTarget(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "first", fields{"password": "of the first"})
	n.Write(t, "second", fields{"password": "of the second"})
	named := func(s *v1alpha1.SecretSync) { s.Spec.Target.Name = "wanted-by-both" }
	n.Sync(t, "first", named)
	n.AwaitReady(t, "first", 1)
	before := n.Secret(t, "wanted-by-both")
	n.Sync(t, "second", named)
	s := n.AwaitCondition(t, "second", v1alpha1.ConditionReady, metav1.ConditionFalse, "NotOwned")
	if !strings.Contains(readyMessage(s), n.Namespace+"/first") {
		t.Errorf("the message does not name the owner: %q", readyMessage(s))
	}
	n.Unchanged(t, before)

	n.EditSecret(t, "wanted-by-both", func(s *corev1.Secret) {
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationAdoptBy, "second")
	})
	n.AwaitSecret(t, "wanted-by-both", texts{"password": "of the second"})
	n.AwaitCondition(t, "second", v1alpha1.ConditionReady, metav1.ConditionTrue, "Serving")
	n.AwaitCondition(t, "first", v1alpha1.ConditionReady, metav1.ConditionFalse, "NotOwned")
	n.AwaitSecret(t, "wanted-by-both", texts{"password": "of the second"})
}

// TestTypesThatAreNeverTakenOver, not even when offered.
func TestTypesThatAreNeverTakenOver(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	for name, secretType := range map[string]corev1.SecretType{
		"helm": "helm.sh/release.v1", "token": corev1.SecretTypeServiceAccountToken, "bootstrap": corev1.SecretTypeBootstrapToken,
		"revision": v1alpha1.SecretTypeRevision,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n.Write(t, name, fields{"password": "from-the-vault"})
			theirs := foreign(name, secretType, texts{"release": "theirs alone"})
			metav1.SetMetaDataAnnotation(&theirs.ObjectMeta, v1alpha1.AnnotationAdoptBy, name)
			metav1.SetMetaDataAnnotation(&theirs.ObjectMeta, corev1.ServiceAccountNameKey, "default")
			n.AwaitAccount(t, "default")
			n.Create(t, theirs)
			n.Sync(t, name)
			n.AwaitCondition(t, name, v1alpha1.ConditionReady, metav1.ConditionFalse, "NotOwned")
			if got := n.Secret(t, name); string(got.Data["release"]) != "theirs alone" || got.Type != secretType {
				t.Errorf("a Secret of type %s was written to", secretType)
			}
		})
	}
}
