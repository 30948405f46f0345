// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// handEdit is a way in which people change a Secret.
type handEdit struct {
	// kind is what is told of it.
	kind string
	// make makes it; stale is what the Secret was at revision 1.
	make func(t *testing.T, n *harness.Tenant, stale *corev1.Secret)
}

func handEdits() map[string]handEdit {
	secret := func(kind string, edit func(*corev1.Secret)) handEdit {
		return handEdit{kind, func(t *testing.T, n *harness.Tenant, stale *corev1.Secret) {
			t.Helper()
			n.EditSecret(t, stale.Name, edit)
		}}
	}
	annotation := func(kind, key, value string) handEdit {
		return secret(kind, func(s *corev1.Secret) {
			s.Annotations[key] = value
			if value == "" {
				delete(s.Annotations, key)
			}
		})
	}
	return map[string]handEdit{
		"key-edited":           secret("Edited", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") }),
		"key-added":            secret("Extra", func(s *corev1.Secret) { s.Data["added"] = []byte("added by hand") }),
		"key-removed":          secret("Missing", func(s *corev1.Secret) { delete(s.Data, "password") }),
		"all-keys-removed":     secret("Missing", func(s *corev1.Secret) { s.Data = nil }),
		"target-label-removed": secret("Label", func(s *corev1.Secret) { delete(s.Labels, v1alpha1.LabelTarget) }),
		"label-edited":         secret("Metadata", func(s *corev1.Secret) { s.Labels["team"] = "another" }),
		"annotation-removed":   annotation("Metadata", "note", ""),
		"owner-removed":        annotation("Replaced", v1alpha1.AnnotationOwner, ""),
		"revision-removed":     annotation("Metadata", v1alpha1.AnnotationRevision, ""),
		"revision-unknown":     annotation("Metadata", v1alpha1.AnnotationRevision, "7"),
		"revision-older":       annotation("Metadata", v1alpha1.AnnotationRevision, "1"),
		"revision-unreadable":  annotation("Metadata", v1alpha1.AnnotationRevision, "none"),
		"managed-list-removed": annotation("Metadata", v1alpha1.AnnotationManagedMetadata, ""),
		"all-metadata-removed": secret("Replaced", func(s *corev1.Secret) { s.Labels, s.Annotations = nil, nil }),
		"owner-reference-added": {"Metadata", func(t *testing.T, n *harness.Tenant, stale *corev1.Secret) {
			t.Helper()
			owner := n.Get(t, stale.Name)
			n.EditSecret(t, stale.Name, func(s *corev1.Secret) {
				s.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(owner, v1alpha1.GroupVersion.WithKind(v1alpha1.KindSecretSync))}
			})
		}},
		"deleted": {"Deleted", func(t *testing.T, n *harness.Tenant, stale *corev1.Secret) {
			t.Helper()
			n.Delete(t, &corev1.Secret{}, stale.Name)
		}},
		"old-copy-applied": {"Edited", func(t *testing.T, n *harness.Tenant, stale *corev1.Secret) {
			t.Helper()
			n.EditSecret(t, stale.Name, func(s *corev1.Secret) {
				s.Data, s.Labels, s.Annotations = stale.Data, stale.Labels, stale.Annotations
			})
		}},
	}
}

// repaired reports whether a Secret is again what it was, foreign metadata aside.
func repaired(now, before *corev1.Secret) bool {
	return equality.Semantic.DeepEqual(now.Data, before.Data) && now.Type == before.Type &&
		contains(now.Labels, before.Labels) && contains(now.Annotations, before.Annotations) && len(now.OwnerReferences) == 0
}

func contains(all, some map[string]string) bool {
	for key, value := range some {
		if all[key] != value {
			return false
		}
	}
	return true
}

// TestHandEditsAreRepaired within a second, from the revision: Vault is not asked. It runs
// alone, because it measures.
func TestHandEditsAreRepaired(t *testing.T) {
	n := suite.Tenant(t)
	stale, served := serveTwice(t, n, slices.Sorted(maps.Keys(handEdits())))
	var took []time.Duration
	for name, edit := range handEdits() {
		t.Run(name, func(t *testing.T) {
			reads := n.Reads(t, name)
			begin := time.Now()
			edit.make(t, n, stale[name])
			n.AwaitRepaired(t, name, func(s *corev1.Secret) bool { return repaired(s, served[name]) })
			took = append(took, time.Since(begin))
			n.AwaitStatus(t, name, "drift told as "+edit.kind, func(s *v1alpha1.SecretSync) string {
				if s.Status.Drift == nil || s.Status.Drift.Kind != edit.kind || s.Status.ServingRevision != 2 {
					return "it has not"
				}
				return ""
			})
			n.AwaitReady(t, name, 2)
			if got := n.Numbers(t, name); !slices.Equal(got, []int64{1, 2}) {
				t.Errorf("want revisions 1 and 2 still, got %v", got)
			}
			if got := n.Reads(t, name) - reads; got != 0 {
				t.Errorf("Vault was asked %d times", got)
			}
		})
	}
	slices.Sort(took)
	t.Logf("%d repairs took %s in the middle, %s at most", len(took), took[len(took)/2], took[len(took)-1])
	if took[len(took)/2] > time.Second {
		t.Errorf("a repair took %s in the middle, more than a second", took[len(took)/2])
	}
}

// serveTwice has each SecretSync serve revision 2, and returns the Secrets as they were at
// revisions 1 and 2.
func serveTwice(t *testing.T, n *harness.Tenant, names []string) (first, second map[string]*corev1.Secret) {
	t.Helper()
	first, second = map[string]*corev1.Secret{}, map[string]*corev1.Secret{}
	for _, name := range names {
		n.Write(t, name, fields{"password": "first-password", "user": "the-user"})
		n.Sync(t, name, onRequest, func(s *v1alpha1.SecretSync) {
			s.Spec.Target.Metadata.Labels = map[string]v1alpha1.LabelValue{"team": "payments"}
			s.Spec.Target.Metadata.Annotations = map[string]v1alpha1.AnnotationValue{"note": "of the spec"}
		})
	}
	for _, name := range names {
		n.AwaitReady(t, name, 1)
		first[name] = n.Secret(t, name)
		n.Write(t, name, fields{"password": "second-password", "user": "the-user"})
		refresh(t, n, name, "second")
	}
	for _, name := range names {
		n.AwaitReady(t, name, 2)
		second[name] = n.Secret(t, name)
	}
	return first, second
}

// TestReplacedByAnother: somebody deletes the Secret and makes another of its name. Whoever
// is quicker, it ends as it should be.
func TestReplacedByAnother(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db", onRequest)
	n.AwaitReady(t, "db", 1)
	n.Delete(t, &corev1.Secret{}, "db")
	other := foreign("db", corev1.SecretTypeOpaque, texts{"password": "of another Secret"})
	other.Namespace = n.Namespace
	_ = n.Client.Create(t.Context(), other) // The operator may be quicker.
	n.AwaitSecret(t, "db", texts{"password": "first-password"})
	n.AwaitReady(t, "db", 1)
}

// TestForeignMetadataIsNoDrift: labels and annotations of others stay.
func TestForeignMetadataIsNoDrift(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	n.EditSecret(t, "db", func(s *corev1.Secret) {
		s.Labels["theirs"], s.Annotations["theirs"] = "stays", "stays"
		s.Finalizers = []string{"example.test/theirs"}
		s.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "theirs", UID: configMap(t, n)}}
	})
	edited := n.Secret(t, "db")
	awaitReads(t, n, "db", 2)
	n.Unchanged(t, edited)
	n.Write(t, "db", fields{"password": "second-password"})
	after := n.AwaitSecret(t, "db", texts{"password": "second-password"})
	if after.Labels["theirs"] != "stays" || after.Annotations["theirs"] != "stays" || len(after.Finalizers) != 1 || len(after.OwnerReferences) != 1 {
		t.Errorf("what others put on the Secret is gone: %+v", after.ObjectMeta)
	}
	if s := n.AwaitReady(t, "db", 2); s.Status.Drift != nil {
		t.Errorf("it was told as drift: %+v", s.Status.Drift)
	}
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Finalizers = nil })
}

// TestDriftTellsWhoAndWhat in status, event and log, key names alone.
func TestDriftTellsWhoAndWhat(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password", "user": "the-user"})
	n.Sync(t, "db", onRequest)
	n.AwaitReady(t, "db", 1)
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	n.AwaitSecret(t, "db", texts{"password": "first-password", "user": "the-user"})
	s := n.AwaitStatus(t, "db", "drift", func(s *v1alpha1.SecretSync) string {
		if s.Status.Drift == nil {
			return "it has none"
		}
		return ""
	})
	drift := s.Status.Drift
	if drift.Kind != "Edited" || !slices.Equal(drift.Keys, []string{"password"}) || drift.By != "somebody" {
		t.Errorf("want password edited by somebody, got %+v", drift)
	}
	n.AwaitEvent(t, "db", `DriftRepaired: Secret "db" was changed by hand and put right: Edited password, by somebody`)
}

// TestDriftReported is left as it is until the next intended change.
func TestDriftReported(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Drift.Policy = v1alpha1.DriftReport })
	n.AwaitReady(t, "db", 1)
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	edited := n.Secret(t, "db")
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionDrifted, metav1.ConditionTrue, "DriftReported")
	n.AwaitEvent(t, "db", "DriftReported: ")
	awaitReads(t, n, "db", 2)
	n.Unchanged(t, edited)
	if again := n.Get(t, "db"); again.ResourceVersion != s.ResourceVersion {
		t.Errorf("the status keeps changing while nothing happens")
	}
	n.Write(t, "db", fields{"password": "second-password"})
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	n.AwaitReady(t, "db", 2)

	n.Delete(t, &corev1.Secret{}, "db")
	n.AwaitCondition(t, "db", v1alpha1.ConditionDrifted, metav1.ConditionTrue, "DriftReported")
	n.Edit(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Drift.Policy = v1alpha1.DriftRepair })
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	n.AwaitStatus(t, "db", "no drift any more", func(s *v1alpha1.SecretSync) string {
		for _, c := range s.Status.Conditions {
			if c.Type == v1alpha1.ConditionDrifted {
				return "it is still drifted"
			}
		}
		return ""
	})
}

// TestOneIncidentIsToldOnce, however often it is looked at.
func TestOneIncidentIsToldOnce(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	for i := range 3 {
		n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand " + strconv.Itoa(i)) })
		n.AwaitSecret(t, "db", texts{"password": "first-password"})
	}
	n.Write(t, "db", fields{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
	count := 0
	for _, e := range n.Events(t, "db") {
		if strings.HasPrefix(e, "DriftRepaired") {
			count++
		}
	}
	if count < 1 || count > 3 {
		t.Errorf("want one event for each of 3 edits, or fewer where they are alike, got %d", count)
	}
}

// configMap makes something that can own a Secret.
func configMap(t *testing.T, n *harness.Tenant) types.UID {
	t.Helper()
	owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "theirs"}}
	n.Create(t, owner)
	return owner.UID
}
