// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
)

// installation is the chart under Helm's own hand in a cluster without controllers.
type installation struct {
	client     client.Client
	kubeconfig string
	folder     string
}

// TestALifeWithHelm installs, upgrades, uninstalls and installs again, with a default
// backend, whose users must not lose it in any of these.
func TestALifeWithHelm(t *testing.T) {
	servers := cluster.ForTest(t, cluster.Options{})
	c, err := client.New(servers.Config(), client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	root, err := manifests.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := &installation{client: c, kubeconfig: servers.Kubeconfig(), folder: filepath.Join(root, manifests.ChartFolder)}
	i.helm(t, withBackend("https://vault.first"), "install", manifests.Release, i.folder, "--create-namespace")
	first := i.backend(t, "https://vault.first")
	sync := i.sync(t)

	i.helm(t, withBackend("https://vault.second"), "upgrade", manifests.Release, i.folder)
	i.same(t, "the upgrade", first, i.backend(t, "https://vault.second"))
	i.helm(t, withBackend("https://vault.third"), "upgrade", manifests.Release, i.folder)
	i.same(t, "a second upgrade", first, i.backend(t, "https://vault.third"))

	i.helm(t, nil, "uninstall", manifests.Release)
	i.same(t, "the uninstallation", first, i.backend(t, "https://vault.third"))
	i.gone(t, &rbacv1.ClusterRole{}, client.ObjectKey{Name: "secretsync"})
	i.gone(t, &corev1.ServiceAccount{}, client.ObjectKey{Namespace: namespace, Name: "secretsync"})

	i.helm(t, withBackend("https://vault.fourth"), "install", manifests.Release, i.folder)
	i.same(t, "installing again", first, i.backend(t, "https://vault.fourth"))
	if after := i.read(t, sync); after.UID != sync.UID || after.ResourceVersion != sync.ResourceVersion {
		t.Error("want the SecretSync untouched by all of it")
	}
}

func withBackend(address string) values {
	return values{"defaultBackend": values{"enabled": true, "name": "vault", "spec": values{
		"vault": values{"address": address, "auth": values{"kubernetes": values{"role": "r", "audience": "vault"}}},
	}}}
}

func (i *installation) helm(t *testing.T, v values, args ...string) {
	t.Helper()
	if _, err := manifests.Helm(t.Context(), v, append(args, "--namespace", namespace, "--kubeconfig", i.kubeconfig)...); err != nil {
		t.Fatal(err)
	}
}

// backend returns the default backend, which must be at that address.
func (i *installation) backend(t *testing.T, address string) types.UID {
	t.Helper()
	var backend v1alpha1.ClusterSecretBackend
	if err := i.client.Get(t.Context(), client.ObjectKey{Name: "vault"}, &backend); err != nil {
		t.Fatal(err)
	}
	if got := backend.Spec.Vault.Address; got != address {
		t.Errorf("want the backend at %s, got %s", address, got)
	}
	return backend.UID
}

func (i *installation) same(t *testing.T, what string, before, after types.UID) {
	t.Helper()
	if before != after {
		t.Errorf("%s took the backend away and made another one", what)
	}
}

func (i *installation) gone(t *testing.T, object client.Object, key client.ObjectKey) {
	t.Helper()
	if err := i.client.Get(t.Context(), key, object); !apierrors.IsNotFound(err) {
		t.Errorf("want %T %s gone, got %v", object, key, err)
	}
}

// sync creates a SecretSync, which belongs to nobody's release.
func (i *installation) sync(t *testing.T) *v1alpha1.SecretSync {
	t.Helper()
	sync := &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "db"},
		Spec:       v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "db"}}}},
	}
	if err := i.client.Create(t.Context(), sync); err != nil {
		t.Fatal(err)
	}
	return sync
}

func (i *installation) read(t *testing.T, sync *v1alpha1.SecretSync) *v1alpha1.SecretSync {
	t.Helper()
	var now v1alpha1.SecretSync
	if err := i.client.Get(t.Context(), client.ObjectKeyFromObject(sync), &now); err != nil {
		t.Fatal(err)
	}
	return &now
}
