// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fault"
)

const (
	// sideBySide is how many writes are under way at once: as many as SecretSyncs are worked on by
	// default, because the API server and etcd take many at once with less work for each.
	sideBySide = 64
	// batch bounds the writes of one reconcile, so that a pause or an edit is soon heard.
	batch = 512
	// lasting is how often what somebody changed is put back before it is a quarrel.
	lasting = 3
)

// deed is what a write does.
type deed string

const (
	creating  deed = "creating"
	changing  deed = "changing"
	removing  deed = "deleting"
	releasing deed = "releasing"
)

// heldAs returns the key under which a write is held. That one cannot be deleted, or keeps its
// ownerReference, says nothing of the template, and holds up no change of it.
func heldAs(key client.ObjectKey, doing deed) client.ObjectKey {
	if doing == removing || doing == releasing {
		key.Name += " " + string(doing) // no object is called so
	}
	return key
}

// act carries out a plan, as far as one batch goes, and reports whether it wrote anything. A
// write that fails is noted and no error.
func (r *Reconciler) act(ctx context.Context, s *seen, p plan) (wrote bool, err error) {
	var group errgroup.Group
	group.SetLimit(sideBySide)
	left := batch
	var writes atomic.Int64
	each := func(syncs []*v1alpha1.SecretSync, doing deed, write func(*v1alpha1.SecretSync) error) {
		taken := syncs[:min(left, len(syncs))]
		left -= len(taken)
		for _, sync := range taken {
			group.Go(func() error {
				writes.Add(1)
				key := client.ObjectKeyFromObject(sync)
				err := fault.FromAPI(write(sync), fmt.Sprintf("%s SecretSync %q", doing, key))
				if err == nil { // What is undone again and again is done more and more seldom.
					r.memory.avoid(s.owner.Name, heldAs(key, doing), contested(sync, p, doing), lasting)
				}
				return r.heed(s.owner.Name, heldAs(key, doing), p.template.hash, err)
			})
		}
	}
	each(p.release, releasing, func(sync *v1alpha1.SecretSync) error { return r.release(ctx, s.owner, sync, p) })
	each(p.create, creating, func(sync *v1alpha1.SecretSync) error { return r.create(ctx, s.owner, sync) })
	each(p.update, changing, func(sync *v1alpha1.SecretSync) error { return r.update(ctx, s.owner, sync, p) })
	each(p.remove, removing, func(sync *v1alpha1.SecretSync) error { return r.remove(ctx, s.owner, sync) })
	err = group.Wait()
	return writes.Load() > 0, err //nolint:wrapcheck // classed and complete
}

// heed notes why a write failed, so that it is told and tried again later, and the other
// namespaces go on. What changed under our hands, or is going, is looked at anew.
func (r *Reconciler) heed(owner string, key client.ObjectKey, hash string, err error) error {
	if err == nil || fault.Is(err, fault.Conflict) {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	refusal := fault.As(err)
	r.memory.avoid(owner, key, hold{
		hash: hash, reason: refusal.Reason, message: refusal.Message, passing: !fault.Is(err, fault.Rejected),
	}, 0)
	return nil
}

// create makes a SecretSync.
func (r *Reconciler) create(ctx context.Context, owner *v1alpha1.ClusterSecretSync, sync *v1alpha1.SecretSync) error {
	err := r.Client.Create(ctx, sync)
	if goneNamespace(err) {
		return nil
	}
	if err != nil {
		return err //nolint:wrapcheck // the caller says what was tried
	}
	r.memory.wrote(owner.Name, sync, false)
	return nil
}

// contested says that what is done does not last. That is no fault of the template.
func contested(sync *v1alpha1.SecretSync, p plan, doing deed) hold {
	undone, done := "changed", "put back"
	switch doing {
	case creating:
		undone, done = "deleted", "created"
	case removing:
		undone, done = "made", "deleted"
	case releasing:
		undone, done = "given its ownerReference", "released"
	case changing:
	}
	return hold{hash: p.template.hash, reason: ReasonContested, passing: true, message: fmt.Sprintf(
		"SecretSync %q was %s again and again after it had been %s; it is %s more and more seldom", sync.Name, undone, done, done)}
}

// goneNamespace reports whether a namespace goes while it gets its SecretSync.
func goneNamespace(err error) bool {
	return apierrors.IsNotFound(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}

// update makes a SecretSync what the template says, unless it was changed since it was looked
// at. What others put beside that stays.
func (r *Reconciler) update(ctx context.Context, owner *v1alpha1.ClusterSecretSync, have *v1alpha1.SecretSync, p plan) error {
	want := p.template.apply(have)
	err := r.Client.Patch(ctx, want, client.MergeFromWithOptions(have, client.MergeFromWithOptimisticLock{}))
	if err != nil {
		return client.IgnoreNotFound(err) //nolint:wrapcheck // the caller says what was tried
	}
	r.memory.wrote(owner.Name, want, false)
	if p.undo[client.ObjectKeyFromObject(have)] {
		r.Events.Record(owner, events.EditUndone(have.Namespace, have.Name))
	}
	return nil
}

// release takes the ownerReference off a SecretSync, and changes nothing else.
func (r *Reconciler) release(ctx context.Context, owner *v1alpha1.ClusterSecretSync, have *v1alpha1.SecretSync, p plan) error {
	want := have.DeepCopy()
	want.OwnerReferences = p.template.others(have.OwnerReferences)
	err := r.Client.Patch(ctx, want, client.MergeFromWithOptions(have, client.MergeFromWithOptimisticLock{}))
	if err != nil {
		return client.IgnoreNotFound(err) //nolint:wrapcheck // the caller says what was tried
	}
	r.memory.wrote(owner.Name, want, false)
	return nil
}

// remove deletes a SecretSync, unless it was changed since it was looked at. Its Secret stays,
// unless its own onDelete says otherwise.
func (r *Reconciler) remove(ctx context.Context, owner *v1alpha1.ClusterSecretSync, sync *v1alpha1.SecretSync) error {
	err := r.Client.Delete(ctx, sync.DeepCopy(), client.Preconditions{UID: &sync.UID, ResourceVersion: &sync.ResourceVersion})
	if err != nil {
		return client.IgnoreNotFound(err) //nolint:wrapcheck // the caller says what was tried
	}
	r.memory.wrote(owner.Name, sync, true)
	return nil
}
