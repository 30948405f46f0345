// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package environments

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/manifests"
)

// folder holds the example.
const folder = "docs/examples/environments/"

// read returns the objects of a file of the example, as they are.
func read(t *testing.T, w *harness.World, file string) []client.Object {
	t.Helper()
	text, err := manifests.File(t.Context(), folder+file)
	harness.Must(t, err)
	return decode(t, w, text)
}

func decode(t *testing.T, w *harness.World, text []byte) []client.Object {
	t.Helper()
	decoder := serializer.NewCodecFactory(w.Client.Scheme(), serializer.EnableStrict).UniversalDeserializer()
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for objects := []client.Object(nil); ; {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects
		}
		harness.Must(t, err)
		decoded, _, err := decoder.Decode(document, nil, nil)
		harness.Must(t, err)
		object, ok := decoded.(client.Object)
		if !ok {
			t.Fatalf("no object: %T", decoded)
		}
		objects = append(objects, object)
	}
}

// install creates the objects of a file as the platform does: in place of what nobody can know
// (addresses, authorities, the names of identities, credentials) it puts what is true here.
func (p *platform) install(t *testing.T, w *harness.World, file string) {
	t.Helper()
	for _, object := range read(t, w, file) {
		switch object := object.(type) {
		case *corev1.Secret:
			for key := range object.StringData {
				object.StringData[key] = p.credential(t, object.Name)
				w.Remember(object.StringData[key])
			}
		case *v1alpha1.ClusterSecretBackend:
			p.correct(t, w, object)
			removeAfter(t, w, object)
		}
		harness.Must(t, w.Client.Create(t.Context(), object))
	}
}

// removeAfter deletes a backend after the test, before its server ends.
func removeAfter(t *testing.T, w *harness.World, backend *v1alpha1.ClusterSecretBackend) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := afterwards(t)
		defer cancel()
		if err := w.Client.Delete(ctx, backend); client.IgnoreNotFound(err) != nil {
			t.Error(err)
		}
	})
}

// correct has a backend name the servers of the test.
func (p *platform) correct(t *testing.T, w *harness.World, backend *v1alpha1.ClusterSecretBackend) {
	t.Helper()
	if spec := backend.Spec.Vault; spec != nil {
		spec.Address, spec.TLS.CABundle = w.Vault.Address(), string(w.Vault.CA())
		if role := spec.Auth.AppRole; role != nil {
			role.RoleID = p.identity(t, backend.Name)
		}
		return
	}
	spec := backend.Spec.Infisical
	spec.Address, spec.TLS.CABundle, spec.ProjectSlug = p.Address, string(p.CA), p.project.Slug
	switch auth := &spec.Auth; {
	case auth.Universal != nil:
		auth.Universal.ClientID = p.identity(t, backend.Name)
	case auth.Kubernetes != nil:
		auth.Kubernetes.IdentityID = p.identity(t, backend.Name)
	}
}

// deploy creates the objects of a file in a namespace, as kubectl apply --namespace does, and
// changes nothing else.
func deploy(t *testing.T, n *harness.Tenant, file string) {
	t.Helper()
	for _, object := range read(t, n.World, file) {
		if namespace := object.GetNamespace(); namespace != "" {
			t.Fatalf("%s names namespace %s", file, namespace)
		}
		n.Create(t, object)
	}
}

// open makes the preview of a pull request as a pipeline does, with its number in place of the
// example's, and deploys the application.
func open(t *testing.T, w *harness.World, number string) *harness.Tenant {
	t.Helper()
	text, err := manifests.File(t.Context(), folder+"pull-request.yaml")
	harness.Must(t, err)
	for _, object := range decode(t, w, []byte(strings.ReplaceAll(string(text), previewNamespace("101"), previewNamespace(number)))) {
		harness.Must(t, w.Client.Create(t.Context(), object))
	}
	n := w.In(t, previewNamespace(number))
	deploy(t, n, "app.yaml")
	return n
}

func previewNamespace(number string) string { return "payments-pr-" + number }

// namespaceOf is where the example has the application of an environment.
func namespaceOf(environment string) string { return "payments-" + environment }

// furnishProd makes in Vault what prod.yaml says that it needs.
func furnishProd(t *testing.T, w *harness.World) {
	t.Helper()
	const policy, mount = "payments-prod", "prod"
	harness.Must(t, w.Vault.EnableKV(t.Context(), mount, 2))
	harness.Must(t, w.Vault.WritePolicy(t.Context(), policy, `
		path "prod/data/payments/*"     { capabilities = ["read"] }
		path "prod/metadata/payments/*" { capabilities = ["read"] }`))
	harness.Must(t, w.Vault.EnableKubernetesAuth(t.Context(), w.Cluster, harness.KubernetesMount))
	harness.Must(t, w.Vault.WriteKubernetesRole(t.Context(), harness.KubernetesMount, cluster.KubernetesRole{
		Name: "payments", Audience: "vault", Policies: []string{policy},
		ServiceAccounts: []string{v1alpha1.DefaultServiceAccount}, Namespaces: []string{namespaceOf(prod)},
	}))
	writeVault(t, w, mount, entry, valuesOf(prod))
}

// writeVault writes a version of an entry.
func writeVault(t *testing.T, w *harness.World, mount, path string, values texts) {
	t.Helper()
	fields := map[string]any{}
	for key, value := range values {
		w.Remember(value)
		fields[key] = value
	}
	_, err := w.Vault.Root().KVv2(mount).Put(t.Context(), path, fields)
	harness.Must(t, err)
}
