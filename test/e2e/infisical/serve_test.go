// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/infisical"
)

// TestLifeOfASecret serves, follows, pins, goes back and forth, by a login that the API
// server reviews, and by both generations of Infisical's API.
func TestLifeOfASecret(t *testing.T) {
	t.Parallel()
	for name, behavior := range map[string]infisical.Behavior{"New": infisical.NewServer(), "Old": infisical.OldServer()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, infisical.Options{Behavior: behavior}, nil)
			n.create(t, "db", texts{"USER": "payments-user", "PASSWORD": "the-first-password"})
			n.Sync(t, "db")
			n.AwaitSecret(t, "db", texts{"USER": "payments-user", "PASSWORD": "the-first-password"})

			n.set(t, "db", "PASSWORD", "the-second-password")
			n.AwaitSecret(t, "db", texts{"USER": "payments-user", "PASSWORD": "the-second-password"})
			s := n.AwaitReady(t, "db", 2)
			want := []v1alpha1.SourceVersion{{Path: "db", Values: []v1alpha1.ValueVersion{{Field: "PASSWORD", Version: "2"}, {Field: "USER", Version: "1"}}}}
			if diff := cmp.Diff(want, s.Status.History[0].Sources); diff != "" {
				t.Errorf("the status does not tell which versions are served (-want +got):\n%s", diff)
			}
			if sources := n.Revisions(t, "db")[2].Annotations[v1alpha1.AnnotationSources]; !strings.Contains(sources, `"id":"`) {
				t.Errorf("the revision does not record whose versions they are: %s", sources)
			}

			n.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
			n.AwaitSecret(t, "db", texts{"USER": "payments-user", "PASSWORD": "the-first-password"})
			n.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "")
			n.AwaitSecret(t, "db", texts{"USER": "payments-user", "PASSWORD": "the-second-password"})

			n.Edit(t, "db", func(s *v1alpha1.SecretSync) {
				s.Spec.DataFrom, s.Spec.Data = nil, []v1alpha1.DataItem{
					{SecretKey: "PASSWORD", From: v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: "db", Version: "1"}, Field: "PASSWORD"}},
					{SecretKey: "USER", From: v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: "db"}, Field: "USER"}},
				}
			})
			n.AwaitSecret(t, "db", texts{"USER": "payments-user", "PASSWORD": "the-first-password"})
		})
	}
}

// TestPinOfAFolder: what has no version is told so, and how to pin what has.
func TestPinOfAFolder(t *testing.T) {
	t.Parallel()
	n := newTenant(t, infisical.Options{}, nil)
	n.create(t, "db", texts{"PASSWORD": "a-pinned-password"})
	n.Sync(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.DataFrom[0].Entry.Version = "1" })
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "VersionUnsupported")
	if message := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionReady).Message; !strings.Contains(message, "ValueVersions") {
		t.Errorf("the message does not name the capability: %q", message)
	}
	var b v1alpha1.SecretBackend
	harness.Await(t, "the backend to tell what it can do", func() string {
		harness.Must(t, n.Client.Get(t.Context(), n.Key(harness.Backend), &b))
		if slices.Contains(b.Status.Capabilities, "ValueVersions") && !slices.Contains(b.Status.Capabilities, "Versions") {
			return ""
		}
		return strings.Join(b.Status.Capabilities, ", ")
	})
}

// TestUnchangedIsNoLook: a list that answers 304 says nothing of the target, which is put
// right while it does.
func TestUnchangedIsNoLook(t *testing.T) {
	t.Parallel()
	n := newTenant(t, infisical.Options{}, nil)
	held := texts{"PASSWORD": "a-lasting-password"}
	n.create(t, "db", held)
	n.Sync(t, "db")
	before := n.AwaitSecret(t, "db", held)
	n.AwaitReady(t, "db", 1)
	n.sim.Forget()
	n.Delete(t, &corev1.Secret{}, "db")
	harness.Await(t, "another Secret", func() string {
		if now := n.AwaitSecret(t, "db", held); now.UID == before.UID {
			return "it is the old one"
		}
		return ""
	})
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["PASSWORD"] = []byte("edited") })
	n.AwaitSecret(t, "db", held)
	harness.Await(t, "a list that answers 304", func() string {
		if _, unchanged := n.lists(); unchanged == 0 {
			return "none did"
		}
		return ""
	})
	if all, unchanged := n.lists(); all != unchanged {
		t.Errorf("want every list answered with 304, got %d of %d", unchanged, all)
	}
}

// TestRootFolder: the root is an entry like any other.
func TestRootFolder(t *testing.T) {
	t.Parallel()
	n := newTenant(t, infisical.Options{}, nil)
	n.create(t, "", texts{"TOKEN": "a-token-in-the-root"})
	n.Sync(t, "root", func(s *v1alpha1.SecretSync) { s.Spec.DataFrom[0].Entry.Path = "/" })
	n.AwaitSecret(t, "root", texts{"TOKEN": "a-token-in-the-root"})
}
