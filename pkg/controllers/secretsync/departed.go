// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/target"
)

// mourning is how long a SecretSync that nobody saw being deleted has to be gone before its
// keys are taken away: after a restore of a backup it may only be late.
const mourning = 10 * time.Minute

// sightings remembers the SecretSyncs that put keys into Secrets of others, because no
// finalizer holds them back when they are deleted.
type sightings struct {
	mu *sync.Mutex
	// seen are the UIDs of those that were there, gone the times since which others are not.
	seen map[types.NamespacedName]types.UID
	gone map[types.NamespacedName]time.Time
}

func newSightings() sightings {
	return sightings{mu: &sync.Mutex{}, seen: map[types.NamespacedName]types.UID{}, gone: map[types.NamespacedName]time.Time{}}
}

// saw notes that a SecretSync is there.
func (s sightings) saw(object *v1alpha1.SecretSync) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := client.ObjectKeyFromObject(object)
	delete(s.gone, key)
	if object.Spec.Target.Merges() {
		s.seen[key] = object.UID
	}
}

// wait returns how long the keys of one that is gone have to stay yet.
func (s sightings) wait(key types.NamespacedName, uid types.UID, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[key] == uid && uid != "" {
		return 0
	}
	since, noted := s.gone[key]
	if !noted {
		s.gone[key], since = now, now
	}
	return max(0, since.Add(mourning).Sub(now))
}

func (s sightings) forget(key types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seen, key)
	delete(s.gone, key)
}

// departed takes the keys of a SecretSync that is gone out of the Secrets of others, where
// it asked for that, and returns when to look again.
func (r *Reconciler) departed(ctx context.Context, key client.ObjectKey) (ctrl.Result, error) {
	secrets, err := r.claimedBy(ctx, key)
	if err != nil {
		return ctrl.Result{}, err
	}
	if len(secrets) == 0 {
		r.sightings.forget(key)
		return ctrl.Result{}, nil
	}
	if gone, err := r.confirmGone(ctx, key); err != nil || !gone {
		return ctrl.Result{}, err
	}
	var result ctrl.Result
	for i := range secrets {
		claim, ok := target.ClaimOf(&secrets[i], key.Name)
		if !ok || claim.OnDelete == "" {
			continue
		}
		if wait := r.sightings.wait(key, claim.UID, r.Clock.Now()); wait > 0 {
			result.RequeueAfter = wait
			continue
		}
		if err := r.release(ctx, key, secrets[i].Name, ""); err != nil {
			return ctrl.Result{}, err
		}
	}
	return result, nil
}

// confirmGone reports whether the API server has no SecretSync of that name. It lists, because
// the operator has the right to that anyway.
func (r *Reconciler) confirmGone(ctx context.Context, key client.ObjectKey) (bool, error) {
	var objects metav1.PartialObjectMetadataList
	objects.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.KindSecretSync + "List"))
	err := r.Live.List(ctx, &objects, client.InNamespace(key.Namespace), client.MatchingFields{"metadata.name": key.Name})
	if err != nil {
		return false, fmt.Errorf("looking whether SecretSync %q is gone: %w", key, err)
	}
	return len(objects.Items) == 0, nil
}
