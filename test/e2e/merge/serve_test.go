// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestTwoShareASecret that a third owns: each keeps its keys true, and the owner's edits cost
// nothing and are let alone.
func TestTwoShareASecret(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Write(t, "mail", fields{"token": "first-token"})
	n.Create(t, owned(settings, texts{"level": "info"}))
	n.Sync(t, "db", into(settings))
	n.Sync(t, "mail", into(settings))
	n.AwaitReady(t, "db", 1)
	n.AwaitReady(t, "mail", 1)
	n.AwaitSecret(t, settings, texts{"level": "info", "password": "first-password", "token": "first-token"})
	if s := n.Secret(t, settings); s.Annotations[v1alpha1.AnnotationOwner] != "" || claim(s, "db") == "" || claim(s, "mail") == "" {
		t.Errorf("want one annotation of each and no owner, got %v", s.Annotations)
	}

	n.Write(t, "db", fields{"password": "second-password", "user": "second-user"})
	refresh(t, n, "db")
	n.AwaitReady(t, "db", 2)
	n.AwaitSecret(t, settings, texts{"level": "info", "password": "second-password", "user": "second-user", "token": "first-token"})

	quiet := time.Now()
	n.EditSecret(t, settings, func(s *corev1.Secret) { s.Data["level"], s.Data["more"] = []byte("debug"), []byte("yes") })
	edited := n.Secret(t, settings)
	n.Write(t, "mail", fields{"token": "second-token"})
	refresh(t, n, "mail")
	n.AwaitSecret(t, settings, texts{
		"level": "debug", "more": "yes", "password": "second-password", "user": "second-user", "token": "second-token",
	})
	n.AwaitReady(t, "mail", 2)
	if edited.Labels[v1alpha1.LabelTarget] != "true" {
		t.Error("the label is gone")
	}
	for _, request := range n.Requests(t, quiet) {
		if request.Resource == "secretsyncs/status" && request.Name == "db" || request.Resource == "secrets" && request.Name == "db.r2" {
			t.Errorf("the owner's edit made a request: %+v", request)
		}
	}
	if drift := n.Get(t, "db").Status.Drift; drift != nil {
		t.Errorf("the owner's edit is called drift: %+v", drift)
	}
}

// TestWaitsForTheSecret that its owner has not made yet.
func TestWaitsForTheSecret(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "the-password"})
	n.Sync(t, "db", into(settings))
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "TargetMissing")
	n.Create(t, owned(settings, texts{"level": "info"}))
	n.AwaitSecret(t, settings, texts{"level": "info", "password": "the-password"})
	n.AwaitReady(t, "db", 1)

	n.Delete(t, &corev1.Secret{}, settings)
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "TargetMissing")
	n.Create(t, owned(settings, texts{"level": "debug"}))
	n.AwaitSecret(t, settings, texts{"level": "debug", "password": "the-password"})
	n.AwaitReady(t, "db", 1)
}

// TestKeysOfOthers are not taken unless they are offered, and then what they held is kept.
func TestKeysOfOthers(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "from-the-vault", "user": "from-the-vault, too"})
	n.Write(t, "other", fields{"password": "from-another-entry"})
	n.Create(t, owned(settings, texts{"level": "info", "password": "made by hand"}))
	before := n.Secret(t, settings)
	n.Sync(t, "db", into(settings))
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "KeyNotOwned")
	n.Unchanged(t, before)

	n.EditSecret(t, settings, func(s *corev1.Secret) { metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationAdoptBy, "db") })
	refresh(t, n, "db")
	n.AwaitSecret(t, settings, texts{"level": "info", "password": "from-the-vault", "user": "from-the-vault, too"})
	s := n.AwaitStatus(t, "db", "what was there before", func(s *v1alpha1.SecretSync) string {
		if len(s.Status.Served) < 2 || s.Status.Served[1].Cause != v1alpha1.CauseAdopt {
			return "it is not told"
		}
		return ""
	})
	kept := n.Revisions(t, "db")[s.Status.Served[1].Revision]
	if diff := cmp.Diff(texts{"password": "made by hand"}, harness.Texts(kept)); diff != "" {
		t.Errorf("what was taken is not recorded (-want +got):\n%s", diff)
	}

	n.EditSecret(t, settings, func(s *corev1.Secret) {
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationAdoptBy, "other")
	})
	before = n.Secret(t, settings)
	n.Sync(t, "other", into(settings))
	n.AwaitCondition(t, "other", v1alpha1.ConditionReady, metav1.ConditionFalse, "KeyNotOwned")
	n.Unchanged(t, before)
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Serving")

	n.Edit(t, "db", goes)
	harness.Await(t, "the claim to say so", func() string {
		if claim(n.Secret(t, settings), "db") == claim(before, "db") {
			return "it does not"
		}
		return ""
	})
	n.Delete(t, &v1alpha1.SecretSync{}, "db")
	n.AwaitSecret(t, settings, texts{"level": "info", "password": "from-another-entry"})
	n.AwaitReady(t, "other", 1)
}

// TestSecretsThatTakeNoKeys: those of SecretSyncs, and those that are immutable.
func TestSecretsThatTakeNoKeys(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	for _, name := range []string{"db", "own", "fixed"} {
		n.Write(t, name, fields{name: "the value of " + name})
	}
	n.Sync(t, "own")
	n.AwaitReady(t, "own", 1)
	fixed := owned("immutable", texts{"level": "info"})
	fixed.Immutable = new(true)
	n.Create(t, fixed)
	before := []*corev1.Secret{n.Secret(t, "own"), n.Secret(t, "immutable")}
	n.Sync(t, "db", into("own"))
	n.Sync(t, "fixed", into("immutable"))
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "NotOwned")
	n.AwaitCondition(t, "fixed", v1alpha1.ConditionReady, metav1.ConditionFalse, "RecreateForbidden")
	for _, secret := range before {
		n.Unchanged(t, secret)
	}
}
