// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/target"
)

// TestDeparted: whose keys go, and when, if their SecretSync is not there.
func TestDeparted(t *testing.T) {
	const (
		goes   = `{"owner":"shop/db","uid":"one","revision":1,"onDelete":"Delete","keys":["password"]}`
		stays  = `{"owner":"shop/db","uid":"one","revision":1,"keys":["password"]}`
		copied = `{"owner":"else/db","uid":"one","revision":1,"onDelete":"Delete","keys":["password"]}`
	)
	seen := func(uid string) *v1alpha1.SecretSync {
		s := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db", UID: "one"}}
		s.UID, s.Spec.Target.Mode = "one", v1alpha1.ModeMerge
		if uid != "one" {
			s.UID = "two"
		}
		return s
	}
	cases := map[string]struct {
		reason string
		claim  string
		seen   *v1alpha1.SecretSync
		there  bool
		now    bool // the keys go at once
		later  bool // they go after a while
	}{
		"SeenDeleted": {reason: "this process saw it, and then it was gone", claim: goes, seen: seen("one"), now: true, later: true},
		"NeverSeen":   {reason: "after a restore of a backup it may only be late", claim: goes, later: true},
		"SeenAnother": {reason: "what was seen was not that one", claim: goes, seen: seen("two"), later: true},
		"Keeps":       {reason: "the claim does not ask for it", claim: stays, seen: seen("one")},
		"Copied":      {reason: "the claim came with a copy from another namespace", claim: copied},
		"StillThere":  {reason: "the cache is behind", claim: goes, seen: seen("one"), there: true},
	}
	known := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(known), v1alpha1.AddToScheme(known)); err != nil {
		t.Fatal(err)
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			secret := &corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "settings", Annotations: map[string]string{
					v1alpha1.AnnotationMergePrefix + "db": tc.claim,
				}},
				Data: map[string][]byte{"password": []byte("ours"), "level": []byte("info")},
			}
			objects := fake.NewClientBuilder().WithScheme(known).WithObjects(secret).
				WithIndex(&corev1.Secret{}, claimantField, func(o client.Object) []string { return target.Claimants(o) }).
				WithIndex(&v1alpha1.SecretSync{}, "metadata.name", func(o client.Object) []string { return []string{o.GetName()} })
			if tc.there {
				objects = objects.WithObjects(seen("one"))
			}
			server := objects.Build()
			clock := testclock.NewFakePassiveClock(now())
			r := New(Options{Cached: server, Live: server, Targets: target.NewWriter(server), Clock: clock, Audit: zap.NewNop()})
			if tc.seen != nil {
				r.sightings.saw(tc.seen)
			}
			key := client.ObjectKey{Namespace: "shop", Name: "db"}
			gone := func() bool {
				t.Helper()
				result, err := r.departed(t.Context(), key)
				if err != nil {
					t.Fatal(err)
				}
				var live corev1.Secret
				if err := server.Get(t.Context(), client.ObjectKeyFromObject(secret), &live); err != nil {
					t.Fatal(err)
				}
				if string(live.Data["level"]) != "info" {
					t.Error("the owner's key is gone")
				}
				_, there := live.Data["password"]
				clock.SetTime(clock.Now().Add(result.RequeueAfter))
				return !there
			}
			if got := gone(); got != tc.now {
				t.Errorf("at once: the keys are gone: %t, want %t: %s", got, tc.now, tc.reason)
			}
			if waited := clock.Since(now()); !tc.now && tc.later && waited != 10*time.Minute {
				t.Errorf("it is looked at again after %s", waited)
			}
			if got := gone(); got != tc.later {
				t.Errorf("after a while: the keys are gone: %t, want %t: %s", got, tc.later, tc.reason)
			}
		})
	}
}
