// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fanout

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/manifests"
)

// TestTheSharedCertificate does the guide: with what its example says, but for where Vault is,
// each namespace has the certificate, and those of Kubernetes and the operator have not.
func TestTheSharedCertificate(t *testing.T) {
	suite.NeedsClusterBackends(t)
	w := suite.Get(t)
	run(t, w, "")
	certificate := map[string]any{"cert": "the certificate", "key": "the key of the certificate"}
	furnish(t, w.World, certificate)
	var backend v1alpha1.ClusterSecretBackend
	f := &fan{Tenant: w.In(t, "wildcard"), name: "wildcard-tls"}
	object := &v1alpha1.ClusterSecretSync{}
	example(t, &backend, object)
	backend.Spec.Vault.Address, backend.Spec.Vault.TLS.CABundle = w.Vault.Address(), string(w.Vault.CA())
	for _, made := range []client.Object{&backend, object, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.Namespace}}} {
		harness.Must(t, w.Client.Create(t.Context(), made))
	}

	f.AwaitSecret(t, f.name, map[string]string{"tls.crt": "the certificate", "tls.key": "the key of the certificate"})
	if got := f.Secret(t, f.name).Type; got != corev1.SecretTypeTLS {
		t.Errorf("the Secret is of type %q", got)
	}
	f.awaitAll(t, map[string]bool{metav1.NamespaceDefault: true, metav1.NamespaceSystem: false, harness.Home: false})

	// A new certificate is everywhere at once.
	certificate["cert"] = "the next certificate"
	put(t, w.World, certificate)
	f.AwaitSecret(t, f.name, map[string]string{"tls.crt": "the next certificate", "tls.key": "the key of the certificate"})

	f.edit(t, func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.OnDelete = v1alpha1.Delete })
	f.awaitAll(t, nil)
	harness.Must(t, w.Client.Delete(t.Context(), object))
	awaitGone(t, f.Tenant)
	harness.Must(t, w.Client.Delete(t.Context(), &backend))
	f.AwaitSecret(t, f.name, map[string]string{"tls.crt": "the next certificate", "tls.key": "the key of the certificate"})
}

// example reads the guide's objects.
func example(t *testing.T, objects ...any) {
	t.Helper()
	text, err := manifests.File(t.Context(), "docs/examples/cluster-secret-sync.yaml")
	harness.Must(t, err)
	documents := bytes.Split(text, []byte("\n---\n"))
	if len(documents) != len(objects) {
		t.Fatalf("the example has %d objects", len(documents))
	}
	for i, document := range documents {
		harness.Must(t, yaml.UnmarshalStrict(document, objects[i]))
	}
}

// furnish does in Vault what the guide says.
func furnish(t *testing.T, w *harness.World, certificate map[string]any) {
	t.Helper()
	harness.Must(t, w.Vault.EnableKV(t.Context(), v1alpha1.DefaultVaultMount, 2))
	put(t, w, certificate)
	harness.Must(t, w.Vault.WritePolicy(t.Context(), "secretsync", `
path "secret/data/shared/*"     { capabilities = ["read"] }
path "secret/metadata/shared/*" { capabilities = ["read"] }`))
	harness.Must(t, w.Vault.WriteKubernetesRole(t.Context(), harness.KubernetesMount, cluster.KubernetesRole{
		Name: "secretsync", Audience: "vault", Policies: []string{"secretsync"},
		ServiceAccounts: []string{v1alpha1.DefaultServiceAccount}, Namespaces: []string{harness.Home},
	}))
}

func put(t *testing.T, w *harness.World, certificate map[string]any) {
	t.Helper()
	_, err := w.Vault.Root().KVv2(v1alpha1.DefaultVaultMount).Put(t.Context(), "shared/wildcard-tls", certificate)
	harness.Must(t, err)
}

// awaitAll waits until each selected namespace is Ready, and compares in which of some the Secret
// is.
func (f *fan) awaitAll(t *testing.T, want map[string]bool) {
	t.Helper()
	harness.Await(t, "all to be Ready", func() string {
		var object v1alpha1.ClusterSecretSync
		harness.Must(t, f.Client.Get(t.Context(), client.ObjectKey{Name: f.name}, &object))
		if len(object.Status.Conditions) == 0 || object.Status.ObservedGeneration != object.Generation ||
			object.Status.Conditions[0].Reason != status.ReasonFannedOut {
			return fmt.Sprintf("%+v", object.Status)
		}
		return ""
	})
	for namespace, selected := range want {
		err := f.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: f.name}, &corev1.Secret{})
		if diff := cmp.Diff(selected, !apierrors.IsNotFound(err)); diff != "" {
			t.Errorf("whether %s has the Secret (-want +got):\n%s", namespace, diff)
		}
	}
}
