// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

const controllerName = "clustersecretsync"

// gather is how long news of SecretSyncs are gathered before they are looked at: to look at
// one costs as much as to look at all.
const gather = 250 * time.Millisecond

// Setup makes mgr run the reconciler, woken by its objects, by SecretSyncs that carry its label,
// and by namespaces.
func (r *Reconciler) Setup(mgr manager.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named(controllerName).
		For(&v1alpha1.ClusterSecretSync{}, builder.WithPredicates(predicate.Or(
			predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
		Watches(&v1alpha1.SecretSync{}, news{client: r.Client}).
		WatchesMetadata(&corev1.Namespace{}, handler.EnqueueRequestsFromMapFunc(r.all), builder.WithPredicates(predicate.Or(
			predicate.LabelChangedPredicate{}, predicate.Funcs{UpdateFunc: ends}))).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of ClusterSecretSyncs: %w", err)
	}
	return nil
}

// ends reports whether a namespace begins to go.
func ends(e event.UpdateEvent) bool {
	return !e.ObjectNew.GetDeletionTimestamp().Equal(e.ObjectOld.GetDeletionTimestamp())
}

// all wakes every ClusterSecretSync: a namespace may be any one's.
func (r *Reconciler) all(ctx context.Context, _ client.Object) []reconcile.Request {
	var list v1alpha1.ClusterSecretSyncList
	if r.Client.List(ctx, &list, client.UnsafeDisableDeepCopy) != nil {
		return nil // The cache is stopping; there is nothing to wake any more.
	}
	requests := make([]reconcile.Request, len(list.Items))
	for i := range list.Items {
		requests[i] = requestOf(list.Items[i].Name)
	}
	return requests
}

func requestOf(name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Name: name}}
}

// news wakes the ClusterSecretSync that a SecretSync names in its label or as its owner, or named
// before.
type news struct{ client client.Reader }

var _ handler.EventHandler = news{}

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// Create wakes the owner.
func (news) Create(_ context.Context, e event.CreateEvent, q queue) { wake(q, e.Object) }

// Update wakes the owner, and who was it.
func (news) Update(_ context.Context, e event.UpdateEvent, q queue) {
	wake(q, e.ObjectOld, e.ObjectNew)
}

// Delete wakes the owner, and who may have waited for the name.
func (n news) Delete(ctx context.Context, e event.DeleteEvent, q queue) {
	wake(q, e.Object)
	var list v1alpha1.ClusterSecretSyncList
	if n.client.List(ctx, &list, client.UnsafeDisableDeepCopy) != nil {
		return // The cache is stopping; there is nothing to wake any more.
	}
	for i := range list.Items {
		owner := &list.Items[i]
		if name := owner.Spec.SecretSync.NameOrDefault(owner.Name); name == e.Object.GetName() || strings.Contains(name, "{") {
			q.AddAfter(requestOf(owner.Name), gather)
		}
	}
}

// Generic wakes the owner.
func (news) Generic(_ context.Context, e event.GenericEvent, q queue) { wake(q, e.Object) }

func wake(q queue, objects ...client.Object) {
	for _, object := range objects {
		if name := object.GetLabels()[v1alpha1.LabelFanOut]; name != "" {
			q.AddAfter(requestOf(name), gather)
		}
		for _, owner := range object.GetOwnerReferences() {
			if owner.Kind == v1alpha1.KindClusterSecretSync {
				q.AddAfter(requestOf(owner.Name), gather)
			}
		}
	}
}
