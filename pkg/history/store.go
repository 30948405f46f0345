// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/revision"
)

// Store reads and writes the Secrets that keep revisions.
type Store struct {
	client client.Client
	keys   revision.Keys
	index  *Index
}

// NewStore returns a store. c must read Secrets live; index is told of what the store
// writes, so that it never lags behind its own operator.
func NewStore(c client.Client, keys revision.Keys, index *Index) *Store {
	return &Store{client: c, keys: keys, index: index}
}

// Create writes a revision. Its error is a Conflict if the number is taken, else classed
// by fault.FromAPI.
func (s *Store) Create(ctx context.Context, owner *v1alpha1.SecretSync, r Record) error {
	secret, err := encode(r, owner, s.keys)
	if err != nil {
		return fmt.Errorf("recording revision %d: %w", r.ID.Number, err)
	}
	arrived := s.index.expect(r.ID)
	defer arrived()
	err = s.client.Create(ctx, secret)
	if err == nil || apierrors.IsAlreadyExists(err) {
		s.index.add(r.ID, owner.UID)
	}
	return fault.FromAPI(err, fmt.Sprintf("creating revision Secret %q", secret.Name))
}

// Read returns a revision, read live and verified. Errors: Suspicious with
// ReasonUntrusted or ReasonMissing, else classed by fault.FromAPI.
func (s *Store) Read(ctx context.Context, id revision.ID) (Record, error) {
	var secret corev1.Secret
	err := s.client.Get(ctx, client.ObjectKey{Namespace: id.Namespace, Name: id.SecretName()}, &secret)
	if apierrors.IsNotFound(err) {
		s.index.remove(id)
		return Record{}, fault.New(fault.Suspicious, ReasonMissing, "revision Secret %q does not exist", id.SecretName())
	}
	if err != nil {
		return Record{}, fault.FromAPI(err, fmt.Sprintf("reading revision Secret %q", id.SecretName()))
	}
	return decode(&secret, id, s.keys)
}

// Delete removes a revision; one that is gone already is no error.
func (s *Store) Delete(ctx context.Context, id revision.ID) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: id.Namespace, Name: id.SecretName()}}
	err := client.IgnoreNotFound(s.client.Delete(ctx, secret))
	if err == nil {
		s.index.remove(id)
	}
	return fault.FromAPI(err, fmt.Sprintf("deleting revision Secret %q", id.SecretName()))
}

// Own makes owner the owner of a revision that lost its owner reference or names a
// former owner, as after a restore, so that garbage collection treats it rightly. What is
// gone, or is no revision after all, is no error and stays as it is.
func (s *Store) Own(ctx context.Context, owner *v1alpha1.SecretSync, id revision.ID) error {
	var secret corev1.Secret
	err := s.client.Get(ctx, client.ObjectKey{Namespace: id.Namespace, Name: id.SecretName()}, &secret)
	if apierrors.IsNotFound(err) || err == nil && secret.Type != v1alpha1.SecretTypeRevision {
		s.index.remove(id)
		return nil
	}
	if err == nil {
		base := secret.DeepCopy()
		secret.OwnerReferences = []metav1.OwnerReference{ownerReference(owner)}
		err = s.client.Patch(ctx, &secret, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
	}
	if err == nil {
		s.index.add(id, owner.UID)
	}
	return fault.FromAPI(err, fmt.Sprintf("owning revision Secret %q", id.SecretName()))
}
