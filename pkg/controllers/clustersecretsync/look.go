// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// look returns all that a plan is made from, from caches alone; nil if the object is gone.
func (r *Reconciler) look(ctx context.Context, name string) (*seen, error) {
	s := &seen{owner: &v1alpha1.ClusterSecretSync{}, home: r.Namespace, syncs: map[client.ObjectKey]*v1alpha1.SecretSync{}, now: r.Clock.Now()}
	err := r.Client.Get(ctx, client.ObjectKey{Name: name}, s.owner)
	if apierrors.IsNotFound(err) || err == nil && !s.owner.DeletionTimestamp.IsZero() {
		return nil, nil //nolint:nilnil // an object that is gone is no error and leaves nothing to do
	}
	if err != nil {
		return nil, fmt.Errorf("looking up ClusterSecretSync %q: %w", name, err)
	}
	namespaces := namespaceList()
	if err := r.Client.List(ctx, namespaces, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing namespaces: %w", err)
	}
	s.namespaces = namespaces.Items
	var syncs v1alpha1.SecretSyncList
	if err := r.Client.List(ctx, &syncs, client.UnsafeDisableDeepCopy); err != nil { // the planner changes none
		return nil, fmt.Errorf("listing SecretSyncs: %w", err)
	}
	for i := range syncs.Items {
		s.syncs[client.ObjectKeyFromObject(&syncs.Items[i])] = &syncs.Items[i]
	}
	r.memory.outlive(name, s.alive())
	s.held, s.unseen = r.memory.correct(name, s.syncs)
	s.reached = r.memory.reachedBy(name)
	s.departures = r.memory.departures(name)
	return s, nil
}

func namespaceList() *metav1.PartialObjectMetadataList {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("NamespaceList"))
	return list
}
