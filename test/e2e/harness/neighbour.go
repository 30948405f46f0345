// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/manifests"
)

// neighbourLabel marks the namespaces that read another's engine.
const neighbourLabel = "example.test/neighbour-of"

// Neighbour makes another namespace that reads the same engine as n. SecretSyncs made with Sync
// read it as n's role: under one login through a ClusterSecretBackend that is made for the first
// neighbour; where the operator serves none, each through a SecretBackend of its own.
func (n *Tenant) Neighbour(tb testing.TB, name string) *Tenant {
	tb.Helper()
	next := &Tenant{World: n.World, Vault: n.Vault, Proxy: n.Proxy, engine: n.engine, next: n}
	if !n.ServesClusterBackends() {
		next.Namespace = n.newNamespace(tb)
		next.moveIn(tb)
		return next
	}
	n.neighbourhood.Do(func() {
		n.offered = n.ClusterBackend(tb, "shared", func(b *v1alpha1.ClusterSecretBackend) {
			b.Spec.Allow.Namespaces = &v1alpha1.NamespaceSelection{Selector: &metav1.LabelSelector{
				MatchLabels: map[string]string{neighbourLabel: n.Namespace},
			}}
		})
	})
	next.Namespace, next.shared = n.Namespace+"-"+name, n.offered
	n.Create(tb, next.namespace())
	return next
}

func (n *Tenant) namespace() *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: n.Namespace, Labels: map[string]string{neighbourLabel: n.next.Namespace},
	}}
}

// moveIn gives a neighbour a SecretBackend like that of the tenant it is next to, and a credential
// of the same role.
func (n *Tenant) moveIn(tb testing.TB) {
	tb.Helper()
	var theirs v1alpha1.SecretBackend
	Must(tb, n.Client.Get(tb.Context(), n.next.Key(Backend), &theirs))
	n.next.credential(tb, n.Key(Credential))
	n.Create(tb, &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Name: Backend}, Spec: theirs.Spec})
}

// Renew deletes a neighbour's namespace with all that is in it, waits until it is gone, and makes
// it anew with what whoever makes namespaces puts there: the operator's rights, and a backend, if
// they are not the cluster's.
func (n *Tenant) Renew(tb testing.TB) {
	tb.Helper()
	Must(tb, n.Client.Delete(tb.Context(), n.namespace()))
	Await(tb, "namespace "+n.Namespace+" to be gone", func() string {
		err := n.Client.Get(tb.Context(), client.ObjectKey{Name: n.Namespace}, &corev1.Namespace{})
		if apierrors.IsNotFound(err) {
			return ""
		}
		Must(tb, err)
		return "it is there"
	})
	Must(tb, n.Client.Create(tb.Context(), n.namespace()))
	if n.ServesClusterBackends() {
		return
	}
	rights := &manifests.Chart{Namespace: n.Chart.Namespace}
	for _, object := range n.Chart.Objects {
		if object.GetNamespace() == n.Namespace {
			rights.Objects = append(rights.Objects, object)
		}
	}
	Must(tb, rights.Install(tb.Context(), n.Client))
	n.moveIn(tb)
}
