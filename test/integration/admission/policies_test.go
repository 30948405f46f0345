// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func annotate(key, value string) func(*v1alpha1.SecretSync) {
	return func(s *v1alpha1.SecretSync) {
		s.Annotations[key] = value
		if value == "" {
			delete(s.Annotations, key)
		}
	}
}

// everything is what an editor may who may also go back.
func everything() []rbacv1.PolicyRule { return rule("get", "create", "update", "patch", "rollback") }

func repoint(s *v1alpha1.SecretSync) { s.Spec.DataFrom[0].Entry.Path = "payments/other" }

// TestWhoMayChangeWhat tries each change as each user.
func TestWhoMayChangeWhat(t *testing.T) {
	w := newWorld(t)
	users := map[string]client.Client{
		"olga":   w.with(t, "olga", "secretsync-rollback"),  // on call
		"edith":  w.as(t, "edith", rule("update", "patch")), // edits, and may not go back
		"paul":   w.as(t, "paul", rule("patch")),            // could do all without the policies
		"martha": w.as(t, "martha", everything()),           // may do both
	}
	rollback, edit, both := []string{"martha", "olga"}, []string{"edith", "martha"}, []string{"martha"}
	cases := map[string]struct {
		edit func(*v1alpha1.SecretSync)
		may  []string
	}{
		"GoBack":     {annotate(v1alpha1.AnnotationRollbackTo, "3"), rollback},
		"LetGo":      {annotate(v1alpha1.AnnotationRollbackTo, ""), rollback},
		"Forget":     {annotate(v1alpha1.AnnotationForget, "2"), rollback},
		"Accept":     {annotate(v1alpha1.AnnotationAccept, "x"), rollback},
		"Pause":      {annotate(v1alpha1.AnnotationPauseUntil, "2026-01-02T15:04:05Z"), rollback},
		"Refresh":    {annotate(v1alpha1.AnnotationRefresh, "now"), rollback},
		"Repoint":    {repoint, edit},
		"Label":      {func(s *v1alpha1.SecretSync) { s.Labels = map[string]string{"a": "b"} }, edit},
		"Annotate":   {annotate("example.com/a", "b"), edit},
		"Unannotate": {annotate("example.com/old", ""), edit},
		"Finalizer":  {func(s *v1alpha1.SecretSync) { s.Finalizers = []string{"example.com/f"} }, edit},
		"Owner": {func(s *v1alpha1.SecretSync) {
			s.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "x", UID: "y"}}
		}, edit},
		"BackAndSpec": {func(s *v1alpha1.SecretSync) { annotate(v1alpha1.AnnotationRollbackTo, "3")(s); repoint(s) }, both},
		"BackAndLabel": {func(s *v1alpha1.SecretSync) {
			annotate(v1alpha1.AnnotationRollbackTo, "3")(s)
			s.Labels = map[string]string{"a": "b"}
		}, both},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for user, as := range users {
				sync := w.sync(t, map[string]string{v1alpha1.AnnotationRollbackTo: "1", "example.com/old": "x"})
				err := patch(t, as, sync, tc.edit)
				if may := slices.Contains(tc.may, user); may && err != nil || !may && !apierrors.IsForbidden(err) {
					t.Errorf("%s: want allowed %t, got %v", user, may, err)
				}
			}
		})
	}
}

// TestWhoAskedIsStamped: the name is that of whoever wrote the text that stands.
func TestWhoAskedIsStamped(t *testing.T) {
	w := newWorld(t)
	olga, martha := w.with(t, "olga", "secretsync-rollback"), w.as(t, "martha", everything())
	sync := w.sync(t, nil)
	steps := []struct {
		name string
		as   client.Client
		edit func(*v1alpha1.SecretSync)
		want string
	}{
		{"she asks", olga, annotate(v1alpha1.AnnotationRollbackTo, "1"), "olga"},
		{"another edits something else", martha, repoint, "olga"},
		{"another asks for the same", martha, annotate(v1alpha1.AnnotationRollbackTo, "1"), "olga"},
		{"another names herself", martha, annotate(v1alpha1.AnnotationRollbackBy, "martha"), "olga"},
		{"another takes the name away", martha, annotate(v1alpha1.AnnotationRollbackBy, ""), "olga"},
		{"another asks for something else, in her name", martha, func(s *v1alpha1.SecretSync) {
			annotate(v1alpha1.AnnotationRollbackTo, "2")(s)
			annotate(v1alpha1.AnnotationRollbackBy, "olga")(s)
		}, "martha"},
		{"she lets go", olga, annotate(v1alpha1.AnnotationRollbackTo, ""), ""},
		{"somebody names her without a request", martha, annotate(v1alpha1.AnnotationRollbackBy, "olga"), ""},
	}
	for _, step := range steps {
		if err := patch(t, step.as, w.read(t, sync), step.edit); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := w.read(t, sync).Annotations[v1alpha1.AnnotationRollbackBy]; got != step.want {
			t.Errorf("%s: want %q, got %q", step.name, step.want, got)
		}
	}
}

// TestReplacedByATool: what writes the whole object from Git does not know the stamp.
func TestReplacedByATool(t *testing.T) {
	w := newWorld(t)
	olga, martha := w.with(t, "olga", "secretsync-rollback"), w.as(t, "martha", everything())
	sync := w.sync(t, nil)
	if err := patch(t, olga, sync, annotate(v1alpha1.AnnotationRollbackTo, "1")); err != nil {
		t.Fatal(err)
	}
	replacement := w.read(t, sync)
	delete(replacement.Annotations, v1alpha1.AnnotationRollbackBy)
	if err := martha.Update(t.Context(), replacement); err != nil {
		t.Fatal(err)
	}
	if got := w.read(t, sync).Annotations[v1alpha1.AnnotationRollbackBy]; got != "olga" {
		t.Errorf("want olga, got %q", got)
	}
}

// TestCreatedWithARequest: whoever creates a SecretSync that asks for something must be
// allowed to ask, and is named.
func TestCreatedWithARequest(t *testing.T) {
	w := newWorld(t)
	carl, martha := w.as(t, "carl", rule("create")), w.as(t, "martha", everything())
	if err := carl.Create(t.Context(), w.newSync(nil), client.DryRunAll); err != nil {
		t.Errorf("want a SecretSync that asks for nothing created, got %v", err)
	}
	for key, asks := range map[string]bool{v1alpha1.AnnotationRollbackTo: true, v1alpha1.AnnotationForget: true, "example.com/a": false} {
		err := carl.Create(t.Context(), w.newSync(map[string]string{key: "1"}), client.DryRunAll)
		if asks && !apierrors.IsForbidden(err) || !asks && err != nil {
			t.Errorf("%s: want refused %t, got %v", key, asks, err)
		}
	}
	sync := w.newSync(map[string]string{v1alpha1.AnnotationRollbackTo: "1", v1alpha1.AnnotationRollbackBy: "carl"})
	if err := martha.Create(t.Context(), sync, client.DryRunAll); err != nil {
		t.Fatal(err)
	}
	if got := sync.Annotations[v1alpha1.AnnotationRollbackBy]; got != "martha" {
		t.Errorf("want martha, got %q", got)
	}
}
