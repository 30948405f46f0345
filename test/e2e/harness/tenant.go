// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/faultproxy"
)

const (
	// Backend is the name of each tenant's SecretBackend.
	Backend = "vault"
	// Credential is the name of the Secret that it logs in with.
	Credential = "vault-approle"
	// credentialKey is the key of the secret ID in it.
	credentialKey = "secretID"
)

// TenantOptions say what a tenant has.
type TenantOptions struct {
	// Namespace that is there already; empty makes one.
	Namespace string
	// Vault it reads; nil is the world's.
	Vault *cluster.Vault
	// Proxied puts a fault proxy in front of that Vault, for this tenant alone.
	Proxied bool
	// Edit changes the SecretBackend before it is created.
	Edit func(*v1alpha1.SecretBackend)
}

// Tenant is a namespace with a SecretBackend that reads an engine of its own in Vault, as
// an identity of its own. Tenants do not see each other.
type Tenant struct {
	*World

	// Namespace in the cluster. Vault's engine, policy and role have the same name.
	Namespace string
	// Vault that it reads.
	Vault *cluster.Vault
	// Proxy in front of the Vault if TenantOptions asked for it.
	Proxy *faultproxy.Proxy

	engine        string  // the secrets engine it reads
	next          *Tenant // whose engine that is, if it is a neighbour
	shared        string  // the ClusterSecretBackend it reads through, if it is a neighbour
	neighbourhood sync.Once
	offered       string // the ClusterSecretBackend that its neighbours read through
}

// Tenant makes a tenant. When the test fails, what the operator logged about it is shown.
func (w *World) Tenant(tb testing.TB, o TenantOptions) *Tenant {
	tb.Helper()
	n := &Tenant{World: w, Namespace: o.Namespace, Vault: w.Vault}
	if o.Namespace == "" {
		n.Namespace = w.newNamespace(tb)
	}
	n.engine = n.Namespace
	if o.Vault != nil {
		n.Vault = o.Vault
		n.enableAppRole(tb)
	}
	if o.Proxied {
		n.Proxy = n.proxy(tb)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the operator's log about namespace %s:\n%s", n.Namespace, n.logged(tb))
		}
	})
	backend := &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Name: Backend}, Spec: n.backendSpec(n.Furnish(tb))}
	if o.Edit != nil {
		o.Edit(backend)
	}
	n.Create(tb, backend)
	return n
}

// enableAppRole makes the auth method unless it is there.
func (n *Tenant) enableAppRole(tb testing.TB) {
	tb.Helper()
	mounts, err := n.Vault.Root().Sys().ListAuthWithContext(tb.Context())
	Must(tb, err)
	if _, there := mounts[AppRoleMount+"/"]; !there {
		Must(tb, n.Vault.EnableAppRole(tb.Context(), AppRoleMount))
	}
}

// newNamespace returns a namespace that the operator serves and no other test uses.
func (w *World) newNamespace(tb testing.TB) string {
	tb.Helper()
	if w.scope.listed != nil {
		used := int(w.taken.Add(1))
		if used > len(w.scope.listed) {
			tb.Fatalf("the operator serves %d namespaces, and all are in use: have it serve more", len(w.scope.listed))
		}
		tb.Logf("its namespace is %s", w.scope.listed[used-1])
		return w.scope.listed[used-1]
	}
	name := w.namespaceFor(tb)
	Must(tb, w.Client.Create(tb.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
	return name
}

// namespaceFor makes a name of the test's that is not used yet.
func (w *World) namespaceFor(tb testing.TB) string {
	tb.Helper()
	words := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(strings.TrimPrefix(tb.Name(), "Test")), "-")
	return fmt.Sprintf("%.40s-%d", strings.Trim(words, "-"), w.tenants.Add(1))
}

func (n *Tenant) proxy(tb testing.TB) *faultproxy.Proxy {
	tb.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(n.Vault.CA())
	return faultproxy.ForTest(tb, faultproxy.Options{
		Target: n.Vault.Address(), TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	})
}

// Furnish makes in Vault what the tenant needs there, puts the credential into its Secret,
// and returns the role's ID.
func (n *Tenant) Furnish(tb testing.TB) (roleID string) {
	tb.Helper()
	Must(tb, n.Vault.EnableKV(tb.Context(), n.Namespace, 2))
	return n.Enrol(tb)
}

// Enrol makes the tenant's policy and role in Vault, puts a credential into its Secret, and
// returns the role's ID.
func (n *Tenant) Enrol(tb testing.TB) (roleID string) {
	tb.Helper()
	n.Allow(tb, "read")
	roleID, err := n.Vault.WriteAppRole(tb.Context(), AppRoleMount, cluster.AppRole{Name: n.Namespace, Policies: []string{n.Namespace}})
	Must(tb, err)
	n.credential(tb, n.Key(Credential))
	return roleID
}

// credential makes a secret ID of the tenant's role and puts it into a Secret.
func (n *Tenant) credential(tb testing.TB, key client.ObjectKey) {
	tb.Helper()
	secretID, err := n.Vault.NewSecretID(tb.Context(), AppRoleMount, n.Namespace)
	Must(tb, err)
	n.Remember(secretID)
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: key.Namespace, Name: key.Name, Labels: map[string]string{v1alpha1.LabelCredential: "true"},
		},
		StringData: map[string]string{credentialKey: secretID},
	}
	Must(tb, client.IgnoreNotFound(n.Client.Delete(tb.Context(), secret.DeepCopy())))
	Must(tb, n.Client.Create(tb.Context(), secret))
}

// ClusterBackend makes a ClusterSecretBackend that reads the tenant's engine for the
// tenant's namespace alone, all paths allowed, changed by edit. It returns its name, which
// is unique; it is deleted after the test.
func (n *Tenant) ClusterBackend(tb testing.TB, name string, edit func(*v1alpha1.ClusterSecretBackend)) string {
	tb.Helper()
	n.NeedsClusterBackends(tb)
	full := n.Namespace + "-" + name
	var own v1alpha1.SecretBackend
	Must(tb, n.Client.Get(tb.Context(), n.Key(Backend), &own))
	n.credential(tb, client.ObjectKey{Namespace: Home, Name: full})
	backend := &v1alpha1.ClusterSecretBackend{ObjectMeta: metav1.ObjectMeta{Name: full}}
	backend.Spec.BackendSpec = own.Spec
	backend.Spec.Vault.Auth.AppRole.SecretIDRef.Name = full
	backend.Spec.Allow = v1alpha1.Allow{
		Namespaces: &v1alpha1.NamespaceSelection{Names: []string{n.Namespace}}, Paths: []string{"**"},
	}
	if edit != nil {
		edit(backend)
	}
	Must(tb, n.Client.Create(tb.Context(), backend))
	tb.Cleanup(func() {
		if err := n.Client.Delete(context.WithoutCancel(tb.Context()), backend); client.IgnoreNotFound(err) != nil {
			tb.Error(err)
		}
	})
	return full
}

// Allow writes the tenant's policy in Vault anew: it may do that with the entries of its
// engine, and with their metadata.
func (n *Tenant) Allow(tb testing.TB, capability string) {
	tb.Helper()
	Must(tb, n.Vault.WritePolicy(tb.Context(), n.Namespace, fmt.Sprintf(
		`path "%[1]s/data/*" { capabilities = [%[2]q] }
		 path "%[1]s/metadata/*" { capabilities = [%[2]q] }`, n.Namespace, capability)))
}

// backendSpec reads the tenant's engine.
func (n *Tenant) backendSpec(roleID string) v1alpha1.BackendSpec {
	address, ca := n.Vault.Address(), n.Vault.CA()
	if n.Proxy != nil {
		address, ca = n.Proxy.Address(), n.Proxy.CA()
	}
	return v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{
		Address: address, Mount: n.Namespace, TLS: v1alpha1.TLS{CABundle: string(ca)},
		Auth: v1alpha1.VaultAuth{AppRole: &v1alpha1.VaultAppRoleAuth{
			RoleID: roleID, SecretIDRef: v1alpha1.SecretKeyRef{Name: Credential, Key: credentialKey},
		}},
	}}
}

// Write makes a version of an entry in the tenant's engine and returns its number.
func (n *Tenant) Write(tb testing.TB, path string, fields map[string]any) int {
	tb.Helper()
	for _, value := range fields {
		if text, ok := value.(string); ok {
			n.Remember(text)
		}
	}
	made, err := n.Vault.Root().KVv2(n.engine).Put(tb.Context(), path, fields)
	Must(tb, err)
	return made.VersionMetadata.Version
}

// Destroy destroys a version of an entry in the tenant's engine for good.
func (n *Tenant) Destroy(tb testing.TB, path string, version int) {
	tb.Helper()
	Must(tb, n.Vault.Root().KVv2(n.engine).Destroy(tb.Context(), path, []int{version}))
}

// Create creates objects; those without a namespace get the tenant's.
func (n *Tenant) Create(tb testing.TB, objects ...client.Object) {
	tb.Helper()
	for _, object := range objects {
		if object.GetNamespace() == "" {
			object.SetNamespace(n.Namespace)
		}
		if _, cluster := object.(*corev1.Namespace); cluster {
			object.SetNamespace("")
		}
		Must(tb, n.Client.Create(tb.Context(), object))
	}
}

// show describes a SecretSync for the message of a failure.
func show(s *v1alpha1.SecretSync) string {
	text, err := yaml.Marshal(map[string]any{"metadata": map[string]any{
		"generation": s.Generation, "annotations": s.Annotations,
	}, "status": s.Status})
	if err != nil {
		return err.Error()
	}
	return string(text)
}
