// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Fields by which SecretSyncs are found.
const (
	fieldBackend = "spec.backends"
	fieldTarget  = "spec.target"
)

// defaultBackendKey stands for whichever cluster backend is the default.
const defaultBackendKey = v1alpha1.KindClusterSecretBackend + "/*"

// Setup makes mgr run the reconciler with as many workers, woken by its objects, their
// targets, backends and namespaces, and by bell.
func (r *Reconciler) Setup(ctx context.Context, mgr manager.Manager, workers int, bell *Bell) error {
	for field, values := range map[string]client.IndexerFunc{fieldBackend: backendKeys, fieldTarget: targetName} {
		if err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.SecretSync{}, field, values); err != nil {
			return fmt.Errorf("indexing SecretSyncs by %s: %w", field, err)
		}
	}
	edited := builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))
	err := ctrl.NewControllerManagedBy(mgr).
		Named("secretsync").
		For(&v1alpha1.SecretSync{}).
		Watches(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.ownersOf)).
		Watches(&v1alpha1.SecretBackend{}, handler.EnqueueRequestsFromMapFunc(r.usersOf), edited).
		Watches(&v1alpha1.ClusterSecretBackend{}, handler.EnqueueRequestsFromMapFunc(r.usersOf), edited).
		WatchesMetadata(&corev1.Namespace{}, handler.EnqueueRequestsFromMapFunc(r.allIn),
			builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WatchesRawSource(bell).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers, EnableWarmup: new(true)}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of SecretSyncs: %w", err)
	}
	return nil
}

// backendKeys lists the backends that a SecretSync may read, as kind/name.
func backendKeys(object client.Object) []string {
	sync, ok := object.(*v1alpha1.SecretSync)
	if !ok {
		return nil
	}
	keys := []string{backendKey(sync.Spec.BackendRef)}
	for i := range sync.Spec.Data {
		if ref := sync.Spec.Data[i].From.BackendRef; ref != nil {
			keys = append(keys, backendKey(ref))
		}
	}
	for i := range sync.Spec.DataFrom {
		if entry := sync.Spec.DataFrom[i].Entry; entry != nil && entry.BackendRef != nil {
			keys = append(keys, backendKey(entry.BackendRef))
		}
	}
	return keys
}

func backendKey(ref *v1alpha1.BackendRef) string {
	if ref == nil {
		return defaultBackendKey
	}
	return ref.Kind + "/" + ref.Name
}

func targetName(object client.Object) []string {
	if sync, ok := object.(*v1alpha1.SecretSync); ok {
		return []string{sync.TargetName()}
	}
	return nil
}

// ownersOf finds the SecretSync that a target belongs to: by its annotation, or, where
// somebody removed that, by its name.
func (r *Reconciler) ownersOf(ctx context.Context, secret client.Object) []reconcile.Request {
	namespace, name, ok := strings.Cut(secret.GetAnnotations()[v1alpha1.AnnotationOwner], "/")
	if ok && namespace == secret.GetNamespace() {
		return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: namespace, Name: name}}}
	}
	return r.find(ctx, client.InNamespace(secret.GetNamespace()), client.MatchingFields{fieldTarget: secret.GetName()})
}

// usersOf finds the SecretSyncs that may read a backend.
func (r *Reconciler) usersOf(ctx context.Context, object client.Object) []reconcile.Request {
	if _, ok := object.(*v1alpha1.SecretBackend); ok {
		return r.find(ctx, client.InNamespace(object.GetNamespace()),
			client.MatchingFields{fieldBackend: v1alpha1.KindSecretBackend + "/" + object.GetName()})
	}
	named := r.find(ctx, client.MatchingFields{fieldBackend: v1alpha1.KindClusterSecretBackend + "/" + object.GetName()})
	return append(named, r.find(ctx, client.MatchingFields{fieldBackend: defaultBackendKey})...)
}

// allIn finds the SecretSyncs of a namespace.
func (r *Reconciler) allIn(ctx context.Context, namespace client.Object) []reconcile.Request {
	return r.find(ctx, client.InNamespace(namespace.GetName()))
}

func (r *Reconciler) find(ctx context.Context, options ...client.ListOption) []reconcile.Request {
	var syncs v1alpha1.SecretSyncList
	if r.Cached.List(ctx, &syncs, options...) != nil {
		return nil // The cache is stopping; there is nothing to wake any more.
	}
	requests := make([]reconcile.Request, 0, len(syncs.Items))
	for i := range syncs.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&syncs.Items[i])})
	}
	return requests
}
