// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func deletes(s *v1alpha1.ClusterSecretSyncSpec) { s.OnDelete = v1alpha1.Delete }
func keeps(s *v1alpha1.ClusterSecretSyncSpec)   { s.OnDelete = v1alpha1.Keep }

func unlabelled(s *v1alpha1.SecretSync) { s.Labels = nil }

// TestWhatIsKeptIsReleased: garbage collection looks at ownerReferences alone, so they are taken
// off what is to stay, whatever a rollout does.
func TestWhatIsKeptIsReleased(t *testing.T) {
	going := fan(deletes)
	stops := func(s *v1alpha1.ClusterSecretSyncSpec) { s.OnDelete, s.Rollout.Pause = v1alpha1.Keep, new(true) }
	keepsDeselected := func(s *v1alpha1.ClusterSecretSyncSpec) { s.OnDelete, s.OnDeselect = v1alpha1.Delete, v1alpha1.Keep }
	key := client.ObjectKey{Namespace: "a", Name: fanName}
	foreignOwner := func(s *v1alpha1.SecretSync) { s.OwnerReferences[0].UID = "another" }
	cases := map[string]struct {
		reason          string
		owner           *v1alpha1.ClusterSecretSync
		namespaces      []metav1.PartialObjectMetadata
		syncs           []*v1alpha1.SecretSync
		held            map[client.ObjectKey]hold
		release, update []string
	}{
		"Goes": {owner: going, namespaces: selected("a"), syncs: []*v1alpha1.SecretSync{made(going, "a")}},
		"OnDeleteIsNoChangeOfTheTemplate": {
			owner: fan(keeps, percent(1)), namespaces: selected("a", "b"), syncs: []*v1alpha1.SecretSync{made(going, "a"), made(going, "b")},
			update: []string{"a/cert", "b/cert"},
		},
		"NotReached": {
			reason: "a rollout that is paced", owner: fan(keeps, percent(1), path("new")), namespaces: selected("a", "b", "c"),
			syncs:   []*v1alpha1.SecretSync{made(going, "a"), made(going, "b"), made(going, "c")},
			release: []string{"b/cert", "c/cert"}, update: []string{"a/cert"},
		},
		"Stopped": {
			owner: fan(keeps), namespaces: selected("a", "b"),
			syncs:   []*v1alpha1.SecretSync{made(fan(), "a", told("False", "NotFound")), made(fan(deletes, path("old")), "b")},
			release: []string{"b/cert"},
		},
		"Paused":    {owner: fan(stops), namespaces: selected("a"), syncs: []*v1alpha1.SecretSync{made(going, "a")}, release: []string{"a/cert"}},
		"TakenOver": {owner: going, namespaces: selected("a"), syncs: []*v1alpha1.SecretSync{made(going, "a", unlabelled)}, release: []string{"a/cert"}},
		"Copied": {
			owner: going, namespaces: append(selected("a"), namespace("b")),
			syncs: []*v1alpha1.SecretSync{made(going, "a"), made(going, "a", func(s *v1alpha1.SecretSync) { s.Name = "copy" }), made(going, "b", func(s *v1alpha1.SecretSync) {
				s.Annotations[v1alpha1.AnnotationFanOutMade] = "a/cert"
			})},
			release: []string{"a/copy", "b/cert"},
		},
		"Deselected": {
			reason: "what is kept is an ordinary one", owner: fan(keepsDeselected), namespaces: append(selected("a"), namespace("b")),
			syncs:   []*v1alpha1.SecretSync{made(going, "a"), made(going, "a", named("old")), made(going, "b")},
			release: []string{"a/old", "b/cert"},
		},
		"DeselectedAndBlocked": {
			reason: "it is to go", owner: going, namespaces: deselected("a", "b", "c"),
			syncs: []*v1alpha1.SecretSync{made(going, "a"), made(going, "b"), made(going, "c")},
		},
		"UpdateIsHeld": {
			owner: fan(keeps), namespaces: selected("a"), syncs: []*v1alpha1.SecretSync{made(going, "a")},
			held:    map[client.ObjectKey]hold{key: {hash: templateOf(going).hash, until: noon().Add(time.Second), reason: ReasonContested}},
			release: []string{"a/cert"},
		},
		"ReleaseIsHeld": {
			owner: going, namespaces: selected("a"), syncs: []*v1alpha1.SecretSync{made(going, "a", unlabelled)},
			held: map[client.ObjectKey]hold{heldAs(key, releasing): {hash: templateOf(going).hash, until: noon().Add(time.Second), reason: "Forbidden"}},
		},
		"AnothersUID":      {owner: going, namespaces: selected("a"), syncs: []*v1alpha1.SecretSync{made(going, "a", unlabelled, foreignOwner)}},
		"UnknownNamespace": {owner: fan(), syncs: []*v1alpha1.SecretSync{made(going, "a")}},
		"NoSelection": {
			reason: "who is wanted is not known", namespaces: selected("a", "b"),
			owner: fan(keepsDeselected, func(s *v1alpha1.ClusterSecretSyncSpec) {
				s.Namespaces.Selector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Near"}}
			}),
			syncs:   []*v1alpha1.SecretSync{made(going, "a"), made(going, "b", unlabelled)},
			release: []string{"b/cert"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := planOf(seen{owner: tc.owner, home: home, namespaces: tc.namespaces, syncs: mapOf(tc.syncs...), held: tc.held, now: noon()})
			got := map[string][]string{"release": keysOf(p.release), "update": keysOf(p.update), "remove": keysOf(p.remove)}
			if diff := cmp.Diff(map[string][]string{"release": tc.release, "update": tc.update, "remove": nil}, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if len(p.undo) > 0 && p.undo[key] {
				t.Error("somebody is said to have changed it")
			}
		})
	}
}

// TestReleasing changes nothing but the ownerReference, once.
func TestReleasing(t *testing.T) {
	taken := made(fan(deletes), "a", unlabelled)
	taken.OwnerReferences = append(taken.OwnerReferences, metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: "theirs", UID: "theirs"})
	w := newWorld(t, append(live("a"), fan(deletes), taken)...)
	w.settle(t)
	var got v1alpha1.SecretSync
	if err := w.client.Get(t.Context(), client.ObjectKeyFromObject(taken), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.OwnerReferences) != 1 || got.OwnerReferences[0].Name != "theirs" || w.patches != 1 {
		t.Errorf("%d writes, it has the owners %+v", w.patches, got.OwnerReferences)
	}
	got.OwnerReferences = taken.OwnerReferences
	if diff := cmp.Diff(taken.ObjectMeta, got.ObjectMeta, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "ResourceVersion" }, cmp.Ignore())); diff != "" {
		t.Errorf("something else changed (-want +got):\n%s", diff)
	}
}
