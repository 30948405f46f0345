// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

func fourKeys() fields {
	return fields{"one": "first value", "two": "second value", "three": "third value", "four": "fourth value"}
}

// TestShrink is held back until somebody accepts exactly that state.
func TestShrink(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fourKeys())
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	before := n.Secret(t, "db")
	n.Write(t, "db", fields{"one": "first value"})
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "SuspiciousShrink")
	blocked := s.Status.Blocked
	if blocked == nil || !slices.Equal(blocked.Keys, []string{"four", "three", "two"}) || !strings.Contains(readyMessage(s), blocked.Token) {
		t.Fatalf("want the keys and the token told, got %+v and %q", blocked, readyMessage(s))
	}
	n.Unchanged(t, before)
	if got := n.Numbers(t, "db"); !slices.Equal(got, []int64{1}) {
		t.Errorf("a state that is held back became a revision: %v", got)
	}

	n.Write(t, "db", fields{"two": "second value"})
	s = n.AwaitStatus(t, "db", "another token for another state", func(s *v1alpha1.SecretSync) string {
		if s.Status.Blocked == nil || s.Status.Blocked.Token == blocked.Token {
			return "it has not"
		}
		return ""
	})
	n.Annotate(t, "db", v1alpha1.AnnotationAccept, blocked.Token)
	awaitReads(t, n, "db", 2)
	n.Unchanged(t, before)

	n.Annotate(t, "db", v1alpha1.AnnotationAccept, s.Status.Blocked.Token)
	n.AwaitSecret(t, "db", texts{"two": "second value"})
	if s = n.AwaitReady(t, "db", 2); s.Status.Blocked != nil {
		t.Errorf("it still says that something is blocked: %+v", s.Status.Blocked)
	}
}

// TestShrinkAfterALoss is held back as well: a revision that was deleted by hand is recorded
// again, and guards as before.
func TestShrinkAfterALoss(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fourKeys())
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	before, lost := n.Secret(t, "db"), n.Secret(t, "db.r1")
	n.Delete(t, &corev1.Secret{}, "db.r1")
	harness.Await(t, "the revision to be recorded again", func() string {
		if kept := n.Revisions(t, "db")[1]; kept == nil || kept.UID == lost.UID {
			return "it is not"
		}
		return ""
	})
	n.Write(t, "db", fields{"one": "first value"})
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "SuspiciousShrink")
	n.Unchanged(t, before)
}

// TestShrinkWithoutARecord is held back too: what could not be recorded is compared with
// what is served.
func TestShrinkWithoutARecord(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	refuseRevisions(t, n)
	n.Write(t, "db", fourKeys())
	n.Sync(t, "db")
	n.AwaitSecret(t, "db", texts{"one": "first value", "two": "second value", "three": "third value", "four": "fourth value"})
	n.AwaitCondition(t, "db", v1alpha1.ConditionHistoryDegraded, metav1.ConditionTrue, "Invalid")
	n.AwaitReady(t, "db", 1)
	before := n.Secret(t, "db")
	n.Write(t, "db", fields{"one": "first value"})
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "SuspiciousShrink")
	n.Unchanged(t, before)
}

// refuseRevisions has an admission policy refuse the tenant's revisions, and no other Secret.
func refuseRevisions(t *testing.T, n *harness.Tenant) {
	t.Helper()
	fail := admissionv1.Fail
	policy := &admissionv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: n.Namespace},
		Spec: admissionv1.ValidatingAdmissionPolicySpec{
			FailurePolicy: &fail,
			MatchConstraints: &admissionv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: n.Namespace}},
				ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
					Operations: []admissionv1.OperationType{admissionv1.Create},
					Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"secrets"}},
				}}},
			},
			Validations: []admissionv1.Validation{{Expression: fmt.Sprintf("object.type != %q", v1alpha1.SecretTypeRevision)}},
		},
	}
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: n.Namespace},
		Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: n.Namespace, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
		},
	}
	for _, object := range []client.Object{policy, binding} {
		if err := n.Client.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	harness.Await(t, "the policy to be in force", func() string {
		try := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: n.Namespace, Name: "try"}, Type: v1alpha1.SecretTypeRevision}
		if err := n.Client.Create(t.Context(), try, client.DryRunAll); !apierrors.IsForbidden(err) && !apierrors.IsInvalid(err) {
			return fmt.Sprintf("a revision is accepted: %v", err)
		}
		return ""
	})
}

// TestShrinkThatPasses by itself, by an edit, or because it is small, needs nobody.
func TestShrinkThatPasses(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	for _, name := range []string{"undone", "edited", "small", "off", "empty"} {
		n.Write(t, name, fourKeys())
	}
	n.Sync(t, "undone")
	n.Sync(t, "edited")
	n.Sync(t, "small")
	n.Sync(t, "off", func(s *v1alpha1.SecretSync) { s.Spec.Safety.MaxKeyLossPercent = new(int32(100)) })
	for _, name := range []string{"undone", "edited", "small", "off"} {
		n.AwaitReady(t, name, 1)
	}
	undone := n.Secret(t, "undone")
	n.Write(t, "undone", fields{"one": "first value"})
	n.Write(t, "small", fields{"one": "first value", "two": "second value"})
	n.Write(t, "off", fields{"one": "first value"})
	n.AwaitSecret(t, "small", texts{"one": "first value", "two": "second value"})
	n.AwaitSecret(t, "off", texts{"one": "first value"})
	n.AwaitCondition(t, "undone", v1alpha1.ConditionReady, metav1.ConditionFalse, "SuspiciousShrink")
	n.Write(t, "undone", fourKeys())
	if s := n.AwaitReady(t, "undone", 1); s.Status.Blocked != nil {
		t.Errorf("it still says that something is blocked: %+v", s.Status.Blocked)
	}
	n.Unchanged(t, undone)
	n.Edit(t, "edited", data(item("one", "edited", "one")))
	n.AwaitSecret(t, "edited", texts{"one": "first value"})
}

// destroy removes an entry with all its versions.
func destroy(t *testing.T, n *harness.Tenant, path string) {
	t.Helper()
	if err := n.Vault.Root().KVv2(n.Namespace).DeleteMetadata(t.Context(), path); err != nil {
		t.Fatal(err)
	}
}

func deleteWithSource(s *v1alpha1.SecretSync) { s.Spec.Target.OnSourceGone = v1alpha1.Delete }

// TestSourceGone deletes the Secret where that is asked for and proven twice, and brings it
// back with the entry.
func TestSourceGone(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "keep", fields{"password": "the-password"})
	n.Write(t, "drop", fields{"password": "the-password"})
	n.Sync(t, "keep")
	n.Sync(t, "drop", deleteWithSource)
	n.AwaitReady(t, "keep", 1)
	n.AwaitReady(t, "drop", 1)
	kept := n.Secret(t, "keep")
	reads := n.Reads(t, "drop")
	destroy(t, n, "keep")
	destroy(t, n, "drop")
	awaitGone(t, n, "drop")
	if again := n.Reads(t, "drop") - reads; again < 2 {
		t.Errorf("it was deleted after %d reads, which prove nothing", again)
	}
	s := n.AwaitCondition(t, "drop", v1alpha1.ConditionReady, metav1.ConditionFalse, "SourceGone")
	if s.Status.ServingRevision != 0 {
		t.Errorf("it says that it serves revision %d", s.Status.ServingRevision)
	}
	n.AwaitCondition(t, "keep", v1alpha1.ConditionReady, metav1.ConditionFalse, "EntryNotFound")
	n.Unchanged(t, kept)

	n.Write(t, "drop", fields{"password": "the new password"})
	n.AwaitSecret(t, "drop", texts{"password": "the new password"})
	n.AwaitReady(t, "drop", 2)
}

func awaitGone(t *testing.T, n *harness.Tenant, name string) {
	t.Helper()
	harness.Await(t, "Secret "+name+" to go", func() string {
		if err := n.Client.Get(t.Context(), n.Key(name), &corev1.Secret{}); !apierrors.IsNotFound(err) {
			return "it is still there"
		}
		return ""
	})
}

// TestMountGone proves nothing about the entry: the Secret stays.
func TestMountGone(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "the-password"})
	n.Sync(t, "db", deleteWithSource)
	n.AwaitReady(t, "db", 1)
	before := n.Secret(t, "db")
	if err := n.Vault.Root().Sys().UnmountWithContext(t.Context(), n.Namespace); err != nil {
		t.Fatal(err)
	}
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "MountNotFound")
	awaitReads(t, n, "db", 2)
	n.Unchanged(t, before)
}

// TestMassDeletion: so many entries gone at once are an accident until somebody says
// otherwise.
func TestMassDeletion(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	var names []string
	for i := range 5 {
		names = append(names, fmt.Sprintf("db-%d", i))
	}
	for _, name := range names {
		n.Write(t, name, fields{"password": "the-password"})
		n.Sync(t, name, deleteWithSource)
	}
	before := map[string]*corev1.Secret{}
	for _, name := range names {
		n.AwaitReady(t, name, 1)
		before[name] = n.Secret(t, name)
	}
	for _, name := range names {
		destroy(t, n, name)
	}
	for _, name := range names {
		n.AwaitCondition(t, name, v1alpha1.ConditionReady, metav1.ConditionFalse, "MassDeletionSuspected")
	}
	awaitReads(t, n, names[0], 1)
	for _, name := range names {
		n.Unchanged(t, before[name])
	}
	for _, name := range names {
		n.Write(t, name, fields{"password": "the-password"})
	}
	for _, name := range names {
		n.AwaitReady(t, name, 1)
		n.Unchanged(t, before[name])
	}
}
