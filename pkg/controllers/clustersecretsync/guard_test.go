// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	testclock "k8s.io/utils/clock/testing"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/status"
)

// identified gives a SecretSync an UID.
func identified(sync *v1alpha1.SecretSync) {
	sync.UID = types.UID("of " + sync.Namespace + "/" + sync.Name)
}

func deselected(names ...string) []metav1.PartialObjectMetadata {
	var all []metav1.PartialObjectMetadata
	for _, name := range names {
		all = append(all, namespace(name))
	}
	return all
}

func numbered(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("n%03d", i))
	}
	return names
}

func TestGuard(t *testing.T) {
	all := numbered(8)
	names := func(name string) func(*v1alpha1.ClusterSecretSyncSpec) {
		return func(s *v1alpha1.ClusterSecretSyncSpec) { s.SecretSync.Name = name }
	}
	removable := func(percent int32) func(*v1alpha1.ClusterSecretSyncSpec) {
		return func(s *v1alpha1.ClusterSecretSyncSpec) { s.Safety.MaxRemovalPercent = &percent }
	}
	recently := func(names ...string) departures {
		d := departures{unasked: map[string]time.Time{}}
		for _, name := range names {
			d.unasked[name] = noon().Add(-time.Minute)
		}
		return d
	}
	cases := map[string]struct {
		reason     string
		owner      *v1alpha1.ClusterSecretSync
		namespaces []metav1.PartialObjectMetadata
		departures departures
		removed    int
		blocked    []string
	}{
		"None":     {owner: fan(), namespaces: selected(all...)},
		"Few":      {owner: fan(), namespaces: append(selected(all[2:]...), deselected(all[:2]...)...), removed: 2},
		"TooMany":  {owner: fan(), namespaces: append(selected(all[3:]...), deselected(all[:3]...)...), blocked: all[:3]},
		"All":      {reason: "a slip in the selector", owner: fan(), namespaces: deselected(all...), blocked: all},
		"Quarter":  {owner: fan(removable(38)), namespaces: append(selected(all[3:]...), deselected(all[:3]...)...), removed: 3},
		"Off":      {owner: fan(removable(100)), namespaces: deselected(all...), removed: 8},
		"AlwaysOn": {reason: "two always go", owner: fan(removable(0)), namespaces: append(selected(all[2:]...), deselected(all[:2]...)...), removed: 2},
		"Keep": {
			owner:      fan(func(s *v1alpha1.ClusterSecretSyncSpec) { s.OnDeselect = v1alpha1.Keep }),
			namespaces: deselected(all...),
		},
		"OneAfterTheOther": {
			reason: "labels may be lost one after the other", owner: fan(), departures: recently("x", "y"),
			namespaces: append(selected(all[1:]...), deselected(all[0])...), blocked: all[:1],
		},
		"ManyWentAndNoneGoes": {owner: fan(), departures: recently(numbered(100)...), namespaces: selected(all...)},
		"Renamed": {
			reason: "the Secrets of the old name are in use yet, whether or not those of the new one are there", owner: fan(names("new")),
			namespaces: selected(all...), blocked: all,
		},
		"NoNewName": {reason: "none goes where there is no name for another", owner: fan(names("{label:team}")), namespaces: selected(all...)},
		"Ending":    {reason: "a namespace on its way out is Kubernetes'", owner: fan(), namespaces: selected(all[:2]...)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			syncs := map[client.ObjectKey]*v1alpha1.SecretSync{}
			for _, in := range all {
				maps.Copy(syncs, mapOf(made(fan(), in, identified)))
			}
			look := seen{owner: tc.owner, home: home, namespaces: tc.namespaces, syncs: syncs, departures: tc.departures, now: noon()}
			p := planOf(look)
			var blocked []string
			if p.blocked != nil {
				blocked = p.blocked.Namespaces
			}
			if diff := cmp.Diff(tc.blocked, blocked); diff != "" || len(p.remove) != tc.removed {
				t.Fatalf("%s: %d removed, blocked (-want +got):\n%s", tc.reason, len(p.remove), diff)
			}
			if p.blocked == nil {
				return
			}
			look.owner = tc.owner.DeepCopy()
			look.owner.Annotations = map[string]string{v1alpha1.AnnotationAccept: p.blocked.Token}
			if accepted := planOf(look); accepted.blocked != nil || len(accepted.accepted) != len(blocked) {
				t.Errorf("%s: accepted, and blocked %+v, accepted %v", tc.reason, accepted.blocked, accepted.accepted)
			}
			look.owner.Generation++
			if later := planOf(look); later.blocked == nil || len(later.accepted) > 0 {
				t.Errorf("%s: what was accepted under another specification goes: %v", tc.reason, later.accepted)
			}
		})
	}
}

// TestOneNamespaceIsNoAccident: who fills a namespace with what looks like ours holds nothing back,
// neither while it is there nor after it went.
func TestOneNamespaceIsNoAccident(t *testing.T) {
	w := newWorld(t, append(live(numbered(8)...), fan())...)
	w.settle(t)
	for i := range 20 {
		forged := made(fan(), "n000", named(fmt.Sprint("forged-", i)))
		forged.ResourceVersion = ""
		if err := w.client.Create(t.Context(), forged); err != nil {
			t.Fatal(err)
		}
		w.say(t, "n000", told(metav1.ConditionTrue, "Serving"))
		w.settle(t)
	}
	w.setLabel(t, "fan", "no", "n001")
	w.settle(t)
	if told := w.owner(t).Status; told.Blocked != nil || w.deletes != 21 || *told.Namespaces.Selected != 7 {
		t.Errorf("%d are deleted, and it tells %+v", w.deletes, told)
	}
}

// accident is a cluster whose namespaces lose and get labels.
type accident struct {
	*cluster

	memory *memory
	clock  *testclock.FakeClock
}

func drawAccident(t *rapid.T) *accident {
	c := testclock.NewFakeClock(noon())
	a := &accident{memory: newMemory(c), clock: c, cluster: &cluster{syncs: map[client.ObjectKey]*v1alpha1.SecretSync{}, owner: fan()}}
	a.owner.Annotations = map[string]string{}
	a.owner.Spec.Safety.MaxRemovalPercent = new(rapid.Int32Range(0, 100).Draw(t, "percent"))
	for _, name := range numbered(rapid.IntRange(0, 20).Draw(t, "namespaces")) {
		a.namespaces = append(a.namespaces, namespace(name, "fan", "yes"))
		a.put(made(a.owner, name, identified))
	}
	return a
}

// relabel draws which namespaces are selected from now on.
func (a *accident) relabel(t *rapid.T) {
	for i := range a.namespaces {
		if rapid.IntRange(0, 3).Draw(t, "relabelled") == 0 {
			a.namespaces[i].Labels["fan"] = rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "fan")
		}
	}
}

// look plans, and carries out as much of it as is drawn.
func (a *accident) look(t *rapid.T) (p plan, before departures) {
	before = a.memory.departures(fanName)
	p = planOf(seen{owner: a.owner, home: home, namespaces: a.namespaces, syncs: a.syncs, departures: before, now: a.clock.Now()})
	a.checkTouched(t, p)
	a.memory.accept(fanName, p.accepted)
	p.remove = p.remove[:rapid.IntRange(0, len(p.remove)).Draw(t, "batch")]
	for _, sync := range p.remove {
		a.memory.wrote(fanName, sync, true)
	}
	return p, before
}

// TestNoAccidentRemovesMore: whatever becomes of labels, no more than a few, or the share that
// was asked for, go within ten minutes unasked; what is accepted goes in full; and where labels
// come back nothing is held back any more.
func TestNoAccidentRemovesMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAccident(t)
		for range rapid.IntRange(1, 10).Draw(t, "looks") {
			a.relabel(t)
			a.clock.Step(time.Duration(rapid.IntRange(0, 700).Draw(t, "seconds")) * time.Second)
			kept := namespacesOf(slices.Collect(maps.Values(a.syncs)))
			p, before := a.look(t)
			unasked, lost, had := 0, sets.KeySet(before.unasked), kept.Union(sets.KeySet(before.unasked))
			for _, sync := range p.remove {
				if !p.accepted[sync.UID] {
					unasked++
					lost.Insert(sync.Namespace)
				}
			}
			if unasked > 0 && suspicious(len(lost), len(had), int(*a.owner.Spec.Safety.MaxRemovalPercent)) {
				t.Fatalf("%d went unasked, so that within ten minutes %d of %d lost theirs", unasked, len(lost), len(had))
			}
			if p.blocked != nil && unasked > 0 {
				t.Fatalf("%d went, and %d are held back", unasked, *p.blocked.Count)
			}
			if p.blocked != nil && rapid.Bool().Draw(t, "accepted") {
				a.owner.Annotations[v1alpha1.AnnotationAccept] = p.blocked.Token
			}
			a.carryOut(p)
			for _, sync := range p.create {
				identified(sync)
				sync.UID += types.UID(a.clock.Now().String())
			}
		}
		if p, _ := a.look(t); p.blocked != nil {
			a.owner.Annotations[v1alpha1.AnnotationAccept] = p.blocked.Token
			a.carryOut(p)
			a.checkAccepted(t)
		}
	})
}

// checkAccepted: what was accepted goes, in as many looks as that takes.
func (a *accident) checkAccepted(t *rapid.T) {
	for range len(a.namespaces) + 1 {
		p := planOf(seen{owner: a.owner, home: home, namespaces: a.namespaces, syncs: a.syncs, departures: a.memory.departures(fanName), now: a.clock.Now()})
		a.memory.accept(fanName, p.accepted)
		if p.blocked != nil {
			t.Fatalf("it is accepted, and %d are held back", *p.blocked.Count)
		}
		p.remove = p.remove[:min(1, len(p.remove))]
		for _, sync := range p.remove {
			a.memory.wrote(fanName, sync, true)
		}
		a.carryOut(p)
	}
	for key := range a.syncs {
		if !a.selects(key.Namespace) {
			t.Fatalf("%s is left", key.Namespace)
		}
	}
}

// TestAnAccidentIsToldAndAccepted: the status and one event say what is held back, nothing is
// asked of the API server meanwhile, and exactly that goes when it is accepted.
func TestAnAccidentIsToldAndAccepted(t *testing.T) {
	names := numbered(maxListed + 1)
	w := newWorld(t, append(live(names...), fan())...)
	w.settle(t)
	w.setLabel(t, "fan", "no", names...)
	w.told(t, status.ReasonRemovalsBlocked)
	blocked := w.owner(t).Status.Blocked
	if blocked == nil || int(*blocked.Count) != len(names) || len(blocked.Namespaces) != maxListed || len(w.events.Events) != 1 {
		t.Fatalf("blocked %+v, %d events", blocked, len(w.events.Events))
	}
	tells := w.tells
	w.clock.Step(time.Hour)
	if result := w.reconcile(t); result.RequeueAfter != 0 || w.tells != tells || w.deletes != 0 {
		t.Errorf("at rest it comes back in %s, wrote %d statuses more and deleted %d", result.RequeueAfter, w.tells-tells, w.deletes)
	}
	w.accept(t, "another")
	if w.reconcile(t); w.deletes != 0 {
		t.Fatalf("another token let %d go", w.deletes)
	}
	w.accept(t, blocked.Token)
	w.settle(t)
	if w.deletes != len(names) {
		t.Errorf("%d went", w.deletes)
	}
	w.told(t, status.ReasonFannedOut)

	// It was accepted once: another time somebody has to say so again.
	w.setLabel(t, "fan", "yes", names...)
	w.settle(t)
	w.setLabel(t, "fan", "no", names...)
	w.told(t, status.ReasonRemovalsBlocked)
	w.setLabel(t, "fan", "yes", names...)
	w.settle(t)
	if w.owner(t).Status.Blocked != nil || w.deletes != len(names) {
		t.Errorf("the labels are back, %d are deleted, and it tells %+v", w.deletes-len(names), w.owner(t).Status.Blocked)
	}
}

// setLabel gives namespaces a label.
func (w *world) setLabel(t *testing.T, key, value string, names ...string) {
	t.Helper()
	for _, name := range names {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{key: value}}}
		if err := w.client.Update(t.Context(), namespace); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) accept(t *testing.T, token string) {
	t.Helper()
	owner := w.owner(t)
	owner.Annotations = map[string]string{v1alpha1.AnnotationAccept: token}
	if err := w.client.Update(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
}

func (w *world) owner(t *testing.T) *v1alpha1.ClusterSecretSync {
	t.Helper()
	var owner v1alpha1.ClusterSecretSync
	if err := w.client.Get(t.Context(), client.ObjectKey{Name: fanName}, &owner); err != nil {
		t.Fatal(err)
	}
	return &owner
}

// told fails the test unless the next status says so for a reason.
func (w *world) told(t *testing.T, reason string) {
	t.Helper()
	w.clock.Step(settling)
	w.reconcile(t)
	if got := w.owner(t).Status.Conditions[0]; got.Reason != reason {
		t.Fatalf("want %s, told %+v", reason, got)
	}
}
