// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func TestWantOf(t *testing.T) {
	s := syncOf(labelled(map[string]v1alpha1.LabelValue{"team": "red"}), annotated(map[string]v1alpha1.AnnotationValue{"note": "x"}),
		deletedWithOwner, recreatable, func(s *v1alpha1.SecretSync) { s.Spec.Target.Name = "other" })
	want := Want{
		Name: "other", Owner: types.NamespacedName{Namespace: "payments", Name: "db"}, UID: "uid-1", Revision: 3,
		Labels: map[string]string{"team": "red"}, Annotations: map[string]string{"note": "x"}, DeleteWithOwner: true, Recreate: true,
	}
	if diff := cmp.Diff(want, WantOf(s, 3)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = Want{Name: "db", Owner: want.Owner, UID: "uid-1", Revision: 1}
	if diff := cmp.Diff(want, WantOf(syncOf(), 1), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the least that can be asked for (-want +got):\n%s", diff)
	}
}

func TestApplyTo(t *testing.T) {
	own := metav1.OwnerReference{APIVersion: "secretsync.io/v1alpha1", Kind: "SecretSync", Name: "db", UID: "uid-1"}
	older, former := own, own
	older.APIVersion, former.UID = "secretsync.io/v1alpha0", "uid-0"
	foreign := metav1.OwnerReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "db", UID: "uid-7"}
	namesake := metav1.OwnerReference{APIVersion: "other.io/v1", Kind: "SecretSync", Name: "db", UID: "uid-8"}
	marks := map[string]string{"secretsync.io/owner": "payments/db", "secretsync.io/revision": "3"}
	with := func(more map[string]string) map[string]string { return merged(maps.Clone(marks), more) }
	target := map[string]string{"secretsync.io/target": "true"}
	cases := map[string]struct {
		reason string
		sync   *v1alpha1.SecretSync
		before metav1.ObjectMeta
		want   metav1.ObjectMeta
	}{
		"Fresh": {
			sync: syncOf(), want: metav1.ObjectMeta{Labels: target, Annotations: marks},
		},
		"FromSpec": {
			reason: "what comes from the specification is recorded, so that it can be taken away again",
			sync:   syncOf(labelled(map[string]v1alpha1.LabelValue{"team": "red"}), annotated(map[string]v1alpha1.AnnotationValue{"note": "x"})),
			want: metav1.ObjectMeta{
				Labels: merged(maps.Clone(target), map[string]string{"team": "red"}),
				Annotations: with(map[string]string{
					"note": "x", "secretsync.io/managed-metadata": `{"labels":["team"],"annotations":["note"]}`,
				}),
			},
		},
		"TakenFromSpec": {
			sync: syncOf(labelled(map[string]v1alpha1.LabelValue{"team": "blue"})),
			before: metav1.ObjectMeta{
				Labels: map[string]string{"team": "red", "tier": "db", "foreign": "1"},
				Annotations: map[string]string{
					"note": "x", "foreign": "1", "secretsync.io/managed-metadata": `{"labels":["team","tier"],"annotations":["note"]}`,
				},
			},
			want: metav1.ObjectMeta{
				Labels:      merged(maps.Clone(target), map[string]string{"team": "blue", "foreign": "1"}),
				Annotations: with(map[string]string{"foreign": "1", "secretsync.io/managed-metadata": `{"labels":["team"]}`}),
			},
		},
		"NothingFromSpecAnyMore": {
			sync: syncOf(),
			before: metav1.ObjectMeta{
				Labels: map[string]string{"team": "red"}, Annotations: map[string]string{"secretsync.io/managed-metadata": `{"labels":["team"]}`},
			},
			want: metav1.ObjectMeta{Labels: target, Annotations: marks},
		},
		"UnreadableRecord": {
			reason: "what cannot be read takes nothing away",
			sync:   syncOf(),
			before: metav1.ObjectMeta{
				Labels: map[string]string{"team": "red"}, Annotations: map[string]string{"secretsync.io/managed-metadata": "team"},
			},
			want: metav1.ObjectMeta{Labels: merged(maps.Clone(target), map[string]string{"team": "red"}), Annotations: marks},
		},
		"ForgedRecord": {
			reason: "a record that names our own marks does not remove them",
			sync:   syncOf(),
			before: metav1.ObjectMeta{Annotations: map[string]string{
				"secretsync.io/managed-metadata": `{"labels":["secretsync.io/target"],"annotations":["secretsync.io/owner"]}`,
			}},
			want: metav1.ObjectMeta{Labels: target, Annotations: marks},
		},
		"OwnerAdded": {
			sync: syncOf(deletedWithOwner), before: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{foreign, namesake}},
			want: metav1.ObjectMeta{Labels: target, Annotations: marks, OwnerReferences: []metav1.OwnerReference{foreign, namesake, own}},
		},
		"OwnerStays": {
			reason: "an owner that somebody adds after ours is no reason to write",
			sync:   syncOf(deletedWithOwner), before: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{own, foreign}},
			want: metav1.ObjectMeta{Labels: target, Annotations: marks, OwnerReferences: []metav1.OwnerReference{own, foreign}},
		},
		"OwnerOfAnOlderVersion": {
			reason: "the same object by another version of the API is the same owner",
			sync:   syncOf(deletedWithOwner), before: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{older}},
			want: metav1.ObjectMeta{Labels: target, Annotations: marks, OwnerReferences: []metav1.OwnerReference{older}},
		},
		"FormerOwner": {
			reason: "after a restore the old UID names nobody, and garbage collection would take the Secret",
			sync:   syncOf(), before: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{former, foreign}},
			want: metav1.ObjectMeta{Labels: target, Annotations: marks, OwnerReferences: []metav1.OwnerReference{foreign}},
		},
		"FormerAndPresentOwner": {
			sync: syncOf(deletedWithOwner), before: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{former, own, own}},
			want: metav1.ObjectMeta{Labels: target, Annotations: marks, OwnerReferences: []metav1.OwnerReference{own}},
		},
		"KeptAfterAll": {
			sync: syncOf(), before: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{own, older, namesake}},
			want: metav1.ObjectMeta{Labels: target, Annotations: marks, OwnerReferences: []metav1.OwnerReference{namesake}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			WantOf(tc.sync, 3).applyTo(&tc.before)
			if diff := cmp.Diff(tc.want, tc.before, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// TestApplyToLeavesNoDifference holds from any earlier state to any specification.
func TestApplyToLeavesNoDifference(t *testing.T) {
	foreign := []string{"foreign", "kubectl.kubernetes.io/x"}
	rapid.Check(t, func(t *rapid.T) {
		meta := metav1.ObjectMeta{
			Labels: drawMap(t, "labels", foreign...), Annotations: drawMap(t, "annotations", foreign...),
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "c", UID: "uid-7"}},
		}
		labels, annotations := maps.Clone(meta.Labels), maps.Clone(meta.Annotations)
		var last Want
		for range rapid.IntRange(1, 4).Draw(t, "specifications") {
			last = drawWant(t, "want")
			last.applyTo(&meta)
			if differs := last.metadataDifferences(&meta); len(differs) > 0 {
				t.Fatalf("differences are left: %v", differs)
			}
			once := *meta.DeepCopy()
			last.applyTo(&meta)
			if diff := cmp.Diff(once, meta); diff != "" {
				t.Fatalf("applied twice (-once +twice):\n%s", diff)
			}
		}
		ours := slices.Concat(slices.Collect(maps.Keys(last.labels())), slices.Collect(maps.Keys(last.annotations())))
		if diff := cmp.Diff(labels, without(meta.Labels, ours...), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("labels of others, and leftovers (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(annotations, without(meta.Annotations, ours...), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("annotations of others, and leftovers (-before +after):\n%s", diff)
		}
		if meta.OwnerReferences[0].UID != "uid-7" || len(meta.OwnerReferences) > 2 {
			t.Fatalf("owners: %v", meta.OwnerReferences)
		}
	})
}
