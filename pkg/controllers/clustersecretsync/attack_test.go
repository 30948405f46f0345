// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"errors"
	"fmt"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// TestACopyIsNobodysButItsMaker: who copies a generated SecretSync with all that is written on it,
// under another name or into another namespace, keeps the copy.
func TestACopyIsNobodysButItsMaker(t *testing.T) {
	original := made(fan(), "a")
	elsewhere, beside := original.DeepCopy(), original.DeepCopy()
	elsewhere.Namespace, beside.Name = "b", "cert-copy"
	p := planOf(seen{
		owner: fan(), home: home, namespaces: append(selected("a"), namespace("b")),
		syncs: mapOf(original, elsewhere, beside), now: noon(),
	})
	if got := outcomeOf(p); len(got.Create)+len(got.Update)+len(got.Remove) > 0 {
		t.Errorf("the copies are touched: %+v", got)
	}
}

// TestWhatIsDeletedAgainAndAgain is created again more and more seldom, and said to be contested.
func TestWhatIsDeletedAgainAndAgain(t *testing.T) {
	w := newWorld(t, append(live("a", "b"), fan())...)
	for range 120 {
		w.reconcile(t)
		w.reconcile(t) // Now the cache is known to show it.
		sync := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: fanName}}
		if err := client.IgnoreNotFound(w.client.Delete(t.Context(), sync)); err != nil {
			t.Fatal(err)
		}
		w.clock.Step(time.Second)
	}
	if w.creates < lasting || w.creates > lasting+10 {
		t.Errorf("%d SecretSyncs were created in two minutes", w.creates)
	}
	if failures := w.owner(t).Status.Failures; len(failures) != 1 || failures[0].Reason != ReasonContested {
		t.Errorf("told failures %+v", failures)
	}
}

// TestTroubleInOneNamespace: a webhook of one namespace that does not answer is told of that
// namespace, holds up no other, and is not asked again and again.
func TestTroubleInOneNamespace(t *testing.T) {
	for name, refusal := range map[string]error{
		"WebhookDown": apierrors.NewInternalError(errors.New("failed calling webhook")),
		"Quota":       apierrors.NewForbidden(v1alpha1.GroupVersion.WithResource("secretsyncs").GroupResource(), fanName, errors.New("exceeded quota")),
		"NoAnswer":    errors.New("connection reset"),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, append(live("a", "b", "c"), fan())...)
			w.refuse = func(sync client.Object) error {
				if sync.GetNamespace() == "b" {
					return refusal
				}
				return nil
			}
			for range 60 {
				w.reconcile(t)
				w.clock.Step(time.Second)
			}
			told := w.owner(t).Status
			if told.Namespaces == nil || *told.Namespaces.Created != 2 || len(told.Failures) != 1 || told.Failures[0].Namespace != "b" {
				t.Errorf("told %+v", told)
			}
			if w.creates > 2+8 {
				t.Errorf("%d tries in a minute", w.creates)
			}
			w.refuse = nil
			w.clock.Step(lastPause)
			w.settle(t)
			if told := w.owner(t).Status; *told.Namespaces.Created != 3 || len(told.Failures) != 0 {
				t.Errorf("it passed, and it tells %+v", told)
			}
		})
	}
}

// TestTroubleThatPassesStopsNoRollout: an API server that does not answer is no fault of the
// template; one that refuses it is.
func TestTroubleThatPassesStopsNoRollout(t *testing.T) {
	before, now := fan(path("old")), fan(percent(50))
	for name, passing := range map[string]bool{"Passing": true, "Refused": false} {
		t.Run(name, func(t *testing.T) {
			p := planOf(seen{
				owner: now, home: home, namespaces: selected("a", "b", "c", "d"), now: noon(),
				syncs: mapOf(made(before, "a"), made(before, "b"), made(before, "c"), made(before, "d")),
				held: map[client.ObjectKey]hold{
					{Namespace: "a", Name: fanName}: {hash: templateOf(now).hash, until: noon().Add(time.Second), reason: "X", passing: passing},
				},
			})
			if p.stopped == passing || passing && len(p.update) != 2 {
				t.Errorf("got %+v", outcomeOf(p))
			}
		})
	}
}

// TestManyFailures: a status lists some of the failures, and counts all.
func TestManyFailures(t *testing.T) {
	names := numbered(40)
	w := newWorld(t, append(live(names...), fan())...)
	w.refuse = func(sync client.Object) error {
		return apierrors.NewBadRequest(fmt.Sprint("no ", sync.GetNamespace()))
	}
	w.settle(t)
	told := w.owner(t).Status
	if *told.Namespaces.Failed != 40 || len(told.Failures) != maxListed || told.Failures[0].Namespace != names[0] {
		t.Errorf("%d failed, and %d are listed", *told.Namespaces.Failed, len(told.Failures))
	}
}

// TestAnotherUIDIsNoEdit: after the ClusterSecretSync was made anew, or came back from a backup,
// its SecretSyncs get its UID, and nobody is said to have changed them.
func TestAnotherUIDIsNoEdit(t *testing.T) {
	owner := fan(func(s *v1alpha1.ClusterSecretSyncSpec) { s.OnDelete = v1alpha1.Delete })
	anew := owner.DeepCopy()
	anew.UID = "another"
	p := planOf(seen{owner: anew, home: home, namespaces: selected("a"), syncs: mapOf(made(owner, "a")), now: noon()})
	if len(p.update) != 1 || p.undo[client.ObjectKey{Namespace: "a", Name: fanName}] {
		t.Errorf("%d changed, undone %v", len(p.update), p.undo)
	}
	if kept := planOf(seen{owner: fan(), home: home, namespaces: selected("a"), syncs: mapOf(made(fan(), "a")), now: noon()}); len(kept.update) != 0 {
		t.Error("one that is kept is changed, too")
	}
}

// TestResuming: what failed before a change stops it when the change has reached it, because
// nobody can tell the two apart; a person says how many may fail, or takes the namespace out.
func TestResuming(t *testing.T) {
	broken := told(metav1.ConditionFalse, "NotOwned")
	syncs := []*v1alpha1.SecretSync{made(fan(), "a", broken), made(fan(path("old")), "b"), made(fan(path("old")), "c")}
	cases := map[string]struct {
		edit    func(*v1alpha1.ClusterSecretSyncSpec)
		stopped bool
	}{
		"Stopped":  {edit: func(*v1alpha1.ClusterSecretSyncSpec) {}, stopped: true},
		"Allowed":  {edit: func(s *v1alpha1.ClusterSecretSyncSpec) { s.Rollout.MaxFailures = new(int32(1)) }},
		"Excluded": {edit: func(s *v1alpha1.ClusterSecretSyncSpec) { s.Namespaces.Exclude = []string{"a"} }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := planOf(seen{owner: fan(tc.edit), home: home, namespaces: selected("a", "b", "c"), syncs: mapOf(syncs...), now: noon()})
			if p.stopped != tc.stopped || (len(p.update) > 0) == tc.stopped {
				t.Errorf("got %+v", outcomeOf(p))
			}
		})
	}
}

// TestAForgedHashSilencesNobody: who writes another hash on a SecretSync, with each event, has it put
// back like any edit; what the others come to is told meanwhile.
func TestAForgedHashSilencesNobody(t *testing.T) {
	w := newWorld(t, append(live("a", "b"), fan())...)
	w.settle(t)
	w.say(t, "b", told(metav1.ConditionTrue, "Serving"))
	begun := w.clock.Now()
	var sync v1alpha1.SecretSync
	for w.clock.Since(begun) < 2*time.Minute {
		if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: "a", Name: fanName}, &sync); err != nil {
			t.Fatal(err)
		}
		sync.Annotations[v1alpha1.AnnotationFanOutHash] = "forged"
		if err := w.client.Update(t.Context(), &sync); err != nil {
			t.Fatal(err)
		}
		w.clock.Step(gather)
		w.reconcile(t)
		if counts := w.owner(t).Status.Namespaces; w.clock.Since(begun) > silence+settling && *counts.Ready != 1 {
			t.Fatalf("after %s it tells %+v", w.clock.Since(begun), counts)
		}
	}
	if w.patches < lasting || w.patches > lasting+8 || len(w.events.Events) != w.patches {
		t.Errorf("it was put back %d times in two minutes, with %d events", w.patches, len(w.events.Events))
	}
	if failures := w.owner(t).Status.Failures; len(failures) != 1 || failures[0].Reason != ReasonContested {
		t.Errorf("told failures %+v", failures)
	}
}

// TestAForgedHashIsAnEdit, also of a rollout that is stopped, which it neither stops nor waits for.
func TestAForgedHashIsAnEdit(t *testing.T) {
	forged := made(fan(), "a", identified, func(s *v1alpha1.SecretSync) { s.Annotations[v1alpha1.AnnotationFanOutHash] = "forged" })
	look := seen{
		owner: fan(), home: home, namespaces: selected("a", "b"), now: noon(),
		syncs:   mapOf(forged, made(fan(), "b", identified, told(metav1.ConditionFalse, "NotFound"))),
		reached: reached{hash: templateOf(fan()).hash, syncs: map[types.UID]bool{forged.UID: true}},
	}
	if p := planOf(look); len(p.update) != 1 || !p.undo[client.ObjectKeyFromObject(forged)] || p.stopped || p.waiting > 0 {
		t.Errorf("got %+v, undone %v", outcomeOf(p), p.undo)
	}
	look.owner = fan(path("new"))
	if p := planOf(look); len(p.update) != 2 || len(p.undo) > 0 {
		t.Errorf("the template is another, and it plans %+v, undone %v", outcomeOf(p), p.undo)
	}
}

// TestARolloutThatGoesOnIsTold: that something can be written at each look keeps nothing from being told.
func TestARolloutThatGoesOnIsTold(t *testing.T) {
	names := numbered(100)
	w := newWorld(t, append(live(names...), fan(percent(1)))...)
	w.settle(t)
	for _, name := range names {
		w.say(t, name, told(metav1.ConditionTrue, "Serving"))
	}
	w.settle(t)
	owner := w.owner(t)
	owner.Spec.SecretSync.Metadata.Labels = map[string]v1alpha1.LabelValue{"second": "try"}
	if err := w.client.Update(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	tells := w.tells
	for range names {
		w.reconcile(t)
		w.clock.Step(gather)
	}
	if w.patches != len(names) || w.tells-tells < 4 || w.tells-tells > 6 {
		t.Errorf("%d changes in 25 seconds, and %d statuses", w.patches, w.tells-tells)
	}
}

// TestANamespaceThatIsMadeAnew again and again, by CI, is served at once each time.
func TestANamespaceThatIsMadeAnew(t *testing.T) {
	w := newWorld(t, append(live("other"), fan())...)
	w.settle(t)
	for run := range 15 {
		preview := live("preview")[0]
		if err := w.client.Create(t.Context(), preview); err != nil {
			t.Fatal(err)
		}
		before := w.creates
		if w.reconcile(t); w.creates != before+1 {
			t.Fatalf("run %d is not served at once", run)
		}
		w.settle(t)
		sync := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: "preview", Name: fanName}}
		for _, gone := range []client.Object{sync, preview} {
			if err := w.client.Delete(t.Context(), gone); err != nil {
				t.Fatal(err)
			}
		}
		w.settle(t)
		w.clock.Step(time.Minute)
	}
}
