// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/target"
)

// Setup makes mgr run the reconciler with as many workers, woken by its objects, their
// targets, backends and, unless it is scoped, namespaces, and by bell.
func (r *Reconciler) Setup(mgr manager.Manager, workers int, bell *Bell) error {
	for field, of := range map[string]client.IndexerFunc{claimantField: claimants, ownedField: ownedBy} {
		none := context.Background() //nolint:forbidigo // nothing runs yet: the index is made before the cache starts
		if err := mgr.GetFieldIndexer().IndexField(none, &corev1.Secret{}, field, of); err != nil {
			return fmt.Errorf("indexing Secrets by %s: %w", field, err)
		}
	}
	respecified := builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))
	controllers := ctrl.NewControllerManagedBy(mgr).
		Named("secretsync").
		For(&v1alpha1.SecretSync{}, builder.WithPredicates(predicate.Funcs{UpdateFunc: r.edited})).
		Watches(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.ownersOf), builder.WithPredicates(predicate.Funcs{
			CreateFunc: func(e event.CreateEvent) bool { return !r.Targets.Echo(e.Object) },
			UpdateFunc: func(e event.UpdateEvent) bool {
				// Our own write is news for whom it took the Secret from.
				return !r.Targets.Echo(e.ObjectNew) || owner(e.ObjectOld) != owner(e.ObjectNew) || target.ClaimsMoved(e.ObjectOld, e.ObjectNew)
			},
			DeleteFunc: func(e event.DeleteEvent) bool {
				_ = r.Targets.Echo(e.Object) // No echo, but the end of one that will not come any more.
				return true
			},
		})).
		Watches(&v1alpha1.SecretBackend{}, handler.EnqueueRequestsFromMapFunc(r.usersOf), respecified).
		Watches(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(r.usersOfTemplate), builder.WithPredicates(predicate.Funcs{UpdateFunc: retemplated})).
		WatchesRawSource(bell).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers, EnableWarmup: new(true)})
	if !r.Scoped {
		controllers = controllers.
			Watches(&v1alpha1.ClusterSecretBackend{}, handler.EnqueueRequestsFromMapFunc(r.usersOf), respecified).
			WatchesMetadata(&corev1.Namespace{}, handler.EnqueueRequestsFromMapFunc(r.allIn),
				builder.WithPredicates(predicate.LabelChangedPredicate{}))
	}
	if err := controllers.Complete(r); err != nil {
		return fmt.Errorf("setting up the controller of SecretSyncs: %w", err)
	}
	return nil
}

// edited reports whether an update of a SecretSync is anything but our own status coming
// back.
func (r *Reconciler) edited(e event.UpdateEvent) bool {
	before, after := e.ObjectOld, e.ObjectNew
	sync, ok := after.(*v1alpha1.SecretSync)
	return !ok || before.GetUID() != after.GetUID() || before.GetGeneration() != after.GetGeneration() ||
		!after.GetDeletionTimestamp().Equal(before.GetDeletionTimestamp()) ||
		!maps.Equal(before.GetAnnotations(), after.GetAnnotations()) || !r.Status.Echo(sync)
}

func owner(secret client.Object) string { return secret.GetAnnotations()[v1alpha1.AnnotationOwner] }

// ownerOf returns the SecretSync of its own namespace that a Secret says it belongs to.
func ownerOf(secret client.Object) (name string, ok bool) {
	namespace, name, ok := strings.Cut(owner(secret), "/")
	return name, ok && namespace == secret.GetNamespace()
}

// ownersOf finds the SecretSync that a target belongs to: by its annotation, or, where
// somebody removed that, by its name; and those that have keys in it.
func (r *Reconciler) ownersOf(ctx context.Context, secret client.Object) []reconcile.Request {
	var requests []reconcile.Request
	for _, name := range target.Claimants(secret) {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKey{Namespace: secret.GetNamespace(), Name: name}})
	}
	if name, ok := ownerOf(secret); ok {
		return append(requests, reconcile.Request{NamespacedName: client.ObjectKey{Namespace: secret.GetNamespace(), Name: name}})
	}
	named := func(sync *v1alpha1.SecretSync) bool {
		return sync.TargetName() == secret.GetName() || sync.ServedName() == secret.GetName()
	}
	return append(requests, r.find(ctx, named, client.InNamespace(secret.GetNamespace()))...)
}

// usersOf finds the SecretSyncs that may read a backend.
func (r *Reconciler) usersOf(ctx context.Context, object client.Object) []reconcile.Request {
	if _, ok := object.(*v1alpha1.SecretBackend); ok {
		own := v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: object.GetName()}
		return r.find(ctx, func(sync *v1alpha1.SecretSync) bool { return reads(sync, own) }, client.InNamespace(object.GetNamespace()))
	}
	named := v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: object.GetName()}
	return r.find(ctx, func(sync *v1alpha1.SecretSync) bool { return reads(sync, named) || reads(sync, v1alpha1.BackendRef{}) })
}

// allIn finds the SecretSyncs of a namespace.
func (r *Reconciler) allIn(ctx context.Context, namespace client.Object) []reconcile.Request {
	return r.find(ctx, func(*v1alpha1.SecretSync) bool { return true }, client.InNamespace(namespace.GetName()))
}

// reads reports whether a SecretSync reads a backend; the zero one stands for whichever is
// the default.
func reads(sync *v1alpha1.SecretSync, backend v1alpha1.BackendRef) bool {
	is := func(ref *v1alpha1.BackendRef) bool {
		return ref == nil && backend == (v1alpha1.BackendRef{}) || ref != nil && *ref == backend
	}
	return is(sync.Spec.BackendRef) ||
		slices.ContainsFunc(sync.Spec.Data, func(item v1alpha1.DataItem) bool {
			return item.From.BackendRef != nil && is(item.From.BackendRef)
		}) ||
		slices.ContainsFunc(sync.Spec.DataFrom, func(from v1alpha1.DataFrom) bool {
			own := ownBackendRef(&from)
			return own != nil && is(own)
		})
}

// find lists the SecretSyncs that match. It looks at all of them, without copying: what it
// is for happens seldom, and an index would take memory always.
func (r *Reconciler) find(ctx context.Context, match func(*v1alpha1.SecretSync) bool, options ...client.ListOption) []reconcile.Request {
	var syncs v1alpha1.SecretSyncList
	if r.Cached.List(ctx, &syncs, append(options, client.UnsafeDisableDeepCopy)...) != nil {
		return nil // The cache is stopping; there is nothing to wake any more.
	}
	var requests []reconcile.Request
	for i := range syncs.Items {
		if match(&syncs.Items[i]) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&syncs.Items[i])})
		}
	}
	return requests
}
