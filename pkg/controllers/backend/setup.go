// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Setup makes mgr run the reconciler, woken by its objects, by their credentials in the
// cache and by bell.
func (r *Reconciler) Setup(mgr manager.Manager, credentials cache.Cache, bell *Bell) error {
	secret := &metav1.PartialObjectMetadata{}
	secret.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	err := ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(r.kind)).
		For(newSubject(r.kind).object, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WatchesRawSource(source.Kind(credentials, secret, handler.TypedEnqueueRequestsFromMapFunc(r.usersOf))).
		WatchesRawSource(bell).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of %ss: %w", r.kind, err)
	}
	return nil
}

// usersOf finds the backends that log in with a Secret.
func (r *Reconciler) usersOf(ctx context.Context, secret *metav1.PartialObjectMetadata) []reconcile.Request {
	list := r.newList()
	if r.Client.List(ctx, list) != nil {
		return nil // The cache is stopping; there is nothing to wake any more.
	}
	var requests []reconcile.Request
	_ = meta.EachListItem(list, func(item runtime.Object) error { // the function returns no error
		if object, spec := specOf(item); object != nil && r.home(object) == secret.Namespace {
			for _, name := range credentialNames(spec) {
				if name == secret.Name {
					requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(object)})
				}
			}
		}
		return nil
	})
	return requests
}

func (r *Reconciler) newList() client.ObjectList {
	if r.kind == v1alpha1.KindSecretBackend {
		return &v1alpha1.SecretBackendList{}
	}
	return &v1alpha1.ClusterSecretBackendList{}
}

func specOf(item runtime.Object) (client.Object, *v1alpha1.BackendSpec) {
	switch object := item.(type) {
	case *v1alpha1.SecretBackend:
		return object, &object.Spec
	case *v1alpha1.ClusterSecretBackend:
		return object, &object.Spec.BackendSpec
	default:
		return nil, nil
	}
}
