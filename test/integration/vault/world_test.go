// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/vault"
	"github.com/secretsync/secretsync/pkg/credentials"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/test/cluster"
)

const (
	namespace = "team"
	audience  = "vault"
	role      = "app"
	policy    = "reader"

	policyRules = `
		path "kv1/contract/*" { capabilities = ["read", "list"] }
		path "kv2/data/contract/*" { capabilities = ["read"] }
		path "kv2/metadata/contract/*" { capabilities = ["read", "list"] }`
)

// world is a Vault, an API server, and what an operator would have of both.
type world struct {
	vault  *cluster.Vault
	admin  client.Client
	source *credentials.Source
}

// newWorld starts the servers, with KV engines at kv1 and kv2, a policy that reads below
// contract/ in both, and a ServiceAccount.
func newWorld(t *testing.T, options cluster.VaultOptions) *world {
	t.Helper()
	options.Audit = true
	c := cluster.ForTest(t, cluster.Options{Vault: &options})
	admin, err := client.New(c.Config(), client.Options{Scheme: clientgoscheme.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{vault: c.Vault(), admin: admin, source: credentials.New(credentials.Options{Reader: admin, Tokens: admin})}
	w.create(t,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: v1alpha1.DefaultServiceAccount}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: v1alpha1.DefaultServiceAccount}},
	)
	w.furnish(t)
	must(t, w.vault.EnableKubernetesAuth(t.Context(), c, "kubernetes"))
	must(t, w.vault.EnableJWT(t.Context(), "jwt", c.Issuer(), c.ServiceAccountKey()))
	w.grant(t, time.Hour)
	return w
}

// furnish makes engines and policies, also in a Vault that lost everything.
func (w *world) furnish(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	must(t, w.vault.EnableKV(ctx, "kv1", 1))
	must(t, w.vault.EnableKV(ctx, "kv2", 2))
	must(t, w.vault.WritePolicy(ctx, policy, policyRules))
	must(t, w.vault.EnableAppRole(ctx, "approle"))
}

// grant makes the role of each auth method, with tokens of that lifetime.
func (w *world) grant(t *testing.T, ttl time.Duration) {
	t.Helper()
	ctx := t.Context()
	must(t, w.vault.WriteKubernetesRole(ctx, "kubernetes", cluster.KubernetesRole{
		Name: role, Audience: audience, Namespaces: []string{namespace},
		ServiceAccounts: []string{v1alpha1.DefaultServiceAccount}, Policies: []string{policy}, TTL: ttl,
	}))
	must(t, w.vault.WriteJWTRole(ctx, "jwt", cluster.JWTRole{
		Name: role, Audiences: []string{audience}, Policies: []string{policy}, TTL: ttl,
		Subject: "system:serviceaccount:" + namespace + ":" + v1alpha1.DefaultServiceAccount,
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) create(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, o := range objects {
		must(t, w.admin.Create(t.Context(), o))
	}
}

// keep puts a credential into a Secret that is offered as one, replacing what is there.
func (w *world) keep(t *testing.T, name string, data map[string]string) {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: name, Labels: map[string]string{v1alpha1.LabelCredential: "true"},
	}}
	must(t, client.IgnoreNotFound(w.admin.Delete(t.Context(), secret.DeepCopy())))
	secret.StringData = data
	w.create(t, secret)
}

// spec is a backend at the Vault itself.
func (w *world) spec(mount string, auth v1alpha1.VaultAuth) *v1alpha1.VaultBackend {
	return &v1alpha1.VaultBackend{
		Address: w.vault.Address(), Mount: mount, Auth: auth,
		TLS: v1alpha1.TLS{CABundle: string(w.vault.CA())},
	}
}

// config is what an operator opens the backend with, as the consumer's namespace.
func (w *world) config(spec *v1alpha1.VaultBackend, consumer string) backend.Config {
	_, loopback, err := net.ParseCIDR("127.0.0.0/8")
	if err != nil {
		panic(err) // A constant.
	}
	return backend.Config{
		Spec:                v1alpha1.BackendSpec{Vault: spec},
		CredentialNamespace: namespace, IdentityNamespace: consumer,
		Credentials: w.source,
		Network:     backend.Network{AllowedCIDRs: []*net.IPNet{loopback}},
		Clock:       clock.RealClock{},
	}
}

func open(t *testing.T, cfg backend.Config) backend.Backend {
	t.Helper()
	b, err := vault.New().Open(cfg)
	must(t, err)
	return b
}

// opened returns a backend that is closed with the test.
func opened(t *testing.T, cfg backend.Config) backend.Backend {
	t.Helper()
	b := open(t, cfg)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Second)
		defer cancel()
		_ = b.Close(ctx) // The Vault may be down, which is what some tests are about.
	})
	return b
}

func ref(t *testing.T, path, version string) backend.EntryRef {
	t.Helper()
	r, err := backend.ParseRef(path, version)
	must(t, err)
	return r
}

// write makes a version of an entry. The fields hold JSON text.
func (w *world) write(t *testing.T, mount, path string, fields map[string]string) {
	t.Helper()
	data := map[string]json.RawMessage{}
	for name, text := range fields {
		data[name] = json.RawMessage(text)
	}
	var body any = data
	at := mount + "/" + path
	if mount == "kv2" {
		body, at = map[string]any{"data": data}, mount+"/data/"+path
	}
	text, err := json.Marshal(body)
	must(t, err)
	_, err = w.vault.Root().Logical().WriteBytesWithContext(t.Context(), at, text)
	must(t, err)
}

// requests counts what Vault has been asked, by path, by all but root.
func (w *world) requests(t *testing.T) map[string]int {
	t.Helper()
	n := map[string]int{}
	for entry, err := range cluster.ReadVaultAudit(w.vault.AuditLogPath()) {
		must(t, err)
		if entry.Type == "request" && entry.Auth.DisplayName != "root" {
			n[entry.Request.Path]++
		}
	}
	return n
}

// logins counts the logins that Vault has seen.
func (w *world) logins(t *testing.T) int {
	t.Helper()
	n := 0
	for path, count := range w.requests(t) {
		if strings.HasPrefix(path, "auth/") && strings.HasSuffix(path, "/login") {
			n += count
		}
	}
	return n
}

func kubernetesAuth() v1alpha1.VaultAuth {
	return v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{
		Role: role, ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: audience},
	}}
}

// wantFault checks class and reason of an error.
func wantFault(t *testing.T, err error, class fault.Class, reasons ...string) {
	t.Helper()
	for _, reason := range reasons {
		if fault.ClassOf(err) == class && fault.ReasonOf(err) == reason {
			return
		}
	}
	t.Errorf("want %s of %v, got %s", class, reasons, describe(err))
}

func duration(d time.Duration) *metav1.Duration { return &metav1.Duration{Duration: d} }

func describe(err error) string {
	return fmt.Sprintf("%s/%s: %v", fault.ClassOf(err), fault.ReasonOf(err), err)
}
