// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestMergedIsNotTaken: that keys of ours are in a Secret makes it ours no more than before when
// it is asked for whole.
func TestMergedIsNotTaken(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "the-password"})
	n.Write(t, "mail", fields{"token": "the-token"})
	n.Create(t, owned(settings, texts{"level": "info"}))
	n.Sync(t, "db", into(settings), goes)
	n.Sync(t, "mail", into(settings))
	n.AwaitReady(t, "db", 1)
	n.AwaitReady(t, "mail", 1)
	all := texts{"level": "info", "password": "the-password", "token": "the-token"}
	n.AwaitSecret(t, settings, all)

	n.Edit(t, "db", own)
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "NotOwned")
	n.AwaitSecret(t, settings, all)
	n.EditSecret(t, settings, func(s *corev1.Secret) { metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationAdoptBy, "db") })
	n.Delete(t, &v1alpha1.SecretSync{}, "mail")
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "NotOwned")
	n.AwaitSecret(t, settings, all)

	n.EditSecret(t, settings, func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.AnnotationMergePrefix+"mail") })
	n.AwaitSecret(t, settings, texts{"password": "the-password"})
	kept := false
	for _, revision := range n.Revisions(t, "db") {
		kept = kept || harness.Texts(revision)["level"] == "info"
	}
	if !kept {
		t.Error("what was taken over is not recorded")
	}
}

// own has the Secret served whole.
func own(s *v1alpha1.SecretSync) { s.Spec.Target.Mode = "" }

// TestMergedBecomesVersions: whoever serves Secrets of its own has no keys in another's any more.
func TestMergedBecomesVersions(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "the-password"})
	n.Create(t, owned(settings, texts{"level": "info"}))
	n.Sync(t, "db", into(settings), goes)
	n.AwaitReady(t, "db", 1)
	n.Edit(t, "db", own, func(s *v1alpha1.SecretSync) { s.Spec.Target.Versioned = new(true) })
	n.AwaitSecret(t, settings, texts{"level": "info"})
	version := n.AwaitStatus(t, "db", "a version served", func(s *v1alpha1.SecretSync) string {
		if s.Status.Target == settings || s.Status.TargetMode != "" {
			return "it has not"
		}
		return ""
	}).Status.Target
	n.AwaitSecret(t, version, texts{"password": "the-password"})
	n.Edit(t, "db", into(settings), func(s *v1alpha1.SecretSync) { s.Spec.Target.Versioned = nil })
	n.AwaitSecret(t, settings, texts{"level": "info", "password": "the-password"})
	n.AwaitSecret(t, version, texts{"password": "the-password"})
}

// TestLeavingAsAskedForNow: what is to go is said by the specification, not by an older one.
func TestLeavingAsAskedForNow(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	for _, name := range []string{"stays", "goes"} {
		n.Write(t, name, fields{name: "the value of " + name})
	}
	n.Create(t, owned(settings, texts{"level": "info"}), owned("elsewhere", texts{"level": "info"}))
	n.Sync(t, "stays", into(settings), goes)
	n.Sync(t, "goes", into(settings))
	n.AwaitReady(t, "stays", 1)
	n.AwaitReady(t, "goes", 1)
	n.Edit(t, "stays", into("elsewhere"), func(s *v1alpha1.SecretSync) { s.Spec.Target.OnDelete = v1alpha1.Keep })
	n.Edit(t, "goes", into("elsewhere"), goes)
	n.AwaitSecret(t, "elsewhere", texts{"level": "info", "stays": "the value of stays", "goes": "the value of goes"})
	harness.Await(t, "both to have left", func() string {
		if s := n.Secret(t, settings); len(s.Annotations) > 0 {
			return "they have not"
		}
		return ""
	})
	n.AwaitSecret(t, settings, texts{"level": "info", "stays": "the value of stays"})
}

// TestReplacedAgainAndAgain by a tool that knows no other writer: our keys are put back less and
// less often, or both would write without an end.
func TestReplacedAgainAndAgain(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "the-password"})
	n.Create(t, owned(settings, texts{"level": "info"}))
	n.Sync(t, "db", into(settings))
	n.AwaitReady(t, "db", 1)
	harness.Await(t, "a fight", func() string {
		ready := n.Get(t, "db").Status.Conditions
		for _, c := range ready {
			if c.Type == v1alpha1.ConditionReady && c.Reason == "Fight" {
				return ""
			}
		}
		if s := n.Secret(t, settings); len(s.Data["password"]) > 0 {
			s.Data, s.Labels, s.Annotations, s.ResourceVersion = map[string][]byte{"level": []byte("info")}, nil, nil, ""
			harness.Must(t, n.Client.Update(t.Context(), s))
		}
		return "there is none"
	})
	n.AwaitSecret(t, settings, texts{"level": "info", "password": "the-password"})
}
