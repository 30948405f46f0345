// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestDrift of our keys is put right, whatever the owner's tool does to the Secret.
func TestDrift(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		kind string
		edit func(*corev1.Secret)
	}{
		"edited":           {"Edited", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") }},
		"removed":          {"Missing", func(s *corev1.Secret) { delete(s.Data, "password") }},
		"unlabelled":       {"Label", func(s *corev1.Secret) { s.Labels = nil }},
		"annotation-gone":  {"Metadata", func(s *corev1.Secret) { s.Annotations = nil }},
		"annotation-wrong": {"Metadata", func(s *corev1.Secret) { s.Annotations[v1alpha1.AnnotationMergePrefix+"annotation-wrong"] = "{}" }},
		"replaced": {"Missing", func(s *corev1.Secret) {
			s.Data, s.Labels, s.Annotations = map[string][]byte{"level": []byte("info")}, nil, nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := suite.Tenant(t)
			n.Write(t, name, fields{"password": "the-password", "user": "the-user"})
			n.Create(t, owned(settings, texts{"level": "info"}))
			n.Sync(t, name, into(settings))
			n.AwaitReady(t, name, 1)
			before := n.Secret(t, settings)
			n.EditSecret(t, settings, tc.edit)
			n.AwaitStatus(t, name, "drift of kind "+tc.kind, func(s *v1alpha1.SecretSync) string {
				if s.Status.Drift == nil || s.Status.Drift.Kind != tc.kind {
					return "it has not"
				}
				return ""
			})
			n.AwaitSecret(t, settings, texts{"level": "info", "password": "the-password", "user": "the-user"})
			after := n.Secret(t, settings)
			if after.Labels[v1alpha1.LabelTarget] != "true" || claim(after, name) != claim(before, name) {
				t.Errorf("want the marks as before, got %v %v", after.Labels, after.Annotations)
			}
			n.AwaitReady(t, name, 1)
		})
	}
}

// TestRollback moves our keys only, and is known from the Secret when the status is lost.
func TestRollback(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Create(t, owned(settings, texts{"level": "info"}))
	n.Sync(t, "db", into(settings))
	n.AwaitReady(t, "db", 1)
	n.Write(t, "db", fields{"password": "second-password", "user": "second-user"})
	refresh(t, n, "db")
	n.AwaitReady(t, "db", 2)
	n.EditSecret(t, settings, func(s *corev1.Secret) { s.Data["level"] = []byte("debug") })
	n.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "previous")
	n.AwaitSecret(t, settings, texts{"level": "debug", "password": "first-password"})
	n.AwaitReady(t, "db", 1)

	lost := n.Get(t, "db")
	lost.Status = v1alpha1.SecretSyncStatus{}
	harness.Must(t, n.Client.Status().Update(t.Context(), lost))
	n.AwaitStatus(t, "db", "the hold again", func(s *v1alpha1.SecretSync) string {
		if s.Status.Rollback == nil || s.Status.Rollback.Revision != 1 || s.Status.ServingRevision != 1 {
			return "it has not"
		}
		return ""
	})
	n.AwaitSecret(t, settings, texts{"level": "debug", "password": "first-password"})
	n.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "")
	n.AwaitSecret(t, settings, texts{"level": "debug", "password": "second-password", "user": "second-user"})
}

// TestLeaving takes exactly our keys away where that is asked for, and else leaves them.
func TestLeaving(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	for _, name := range []string{"goes", "stays", "moves"} {
		n.Write(t, name, fields{name: "the value of " + name})
	}
	n.Create(t, owned(settings, texts{"level": "info"}), owned("elsewhere", texts{"level": "info"}))
	n.Sync(t, "goes", into(settings), goes)
	n.Sync(t, "stays", into(settings))
	n.Sync(t, "moves", into(settings), goes)
	for _, name := range []string{"goes", "stays", "moves"} {
		n.AwaitReady(t, name, 1)
	}
	n.Edit(t, "moves", into("elsewhere"))
	n.AwaitSecret(t, "elsewhere", texts{"level": "info", "moves": "the value of moves"})
	n.AwaitSecret(t, settings, texts{"level": "info", "goes": "the value of goes", "stays": "the value of stays"})
	n.Edit(t, "moves", func(s *v1alpha1.SecretSync) { s.Spec.Target.Mode, s.Spec.Target.Name = "", "" })
	n.AwaitSecret(t, "moves", texts{"moves": "the value of moves"})
	elsewhere := n.AwaitSecret(t, "elsewhere", texts{"level": "info"})
	if len(elsewhere.Annotations)+len(elsewhere.Labels) > 0 {
		t.Errorf("marks are left: %v %v", elsewhere.Labels, elsewhere.Annotations)
	}

	n.Delete(t, &v1alpha1.SecretSync{}, "goes")
	n.Delete(t, &v1alpha1.SecretSync{}, "stays")
	n.AwaitSecret(t, settings, texts{"level": "info", "stays": "the value of stays"})
}

// TestOwnBecomesMerged: what was served whole stays there as keys.
func TestOwnBecomesMerged(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "the-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	n.Edit(t, "db", into("db"))
	harness.Await(t, "the Secret to belong to nobody", func() string {
		s := n.Secret(t, "db")
		if s.Annotations[v1alpha1.AnnotationOwner] != "" || claim(s, "db") == "" {
			return "it does not"
		}
		return ""
	})
	n.AwaitReady(t, "db", 1)
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["more"] = []byte("by hand") })
	n.Write(t, "db", fields{"password": "second-password"})
	refresh(t, n, "db")
	n.AwaitSecret(t, "db", texts{"password": "second-password", "more": "by hand"})
}
