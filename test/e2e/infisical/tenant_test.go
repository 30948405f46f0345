// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

var suite = harness.NewSuite(harness.Options{}) //nolint:gochecknoglobals // One world serves all tests.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

const (
	audience    = "infisical"
	environment = "prod"
)

// texts keeps the tests short.
type texts = map[string]string

// tenant is a namespace whose SecretBackend reads a project of its own, in an Infisical of
// its own, as its own ServiceAccount.
type tenant struct {
	*harness.Tenant

	sim      *infisical.Simulator
	admin    *admin.Client
	project  admin.Project
	identity admin.Identity
	roleID   string
	folders  map[string]string // by path: the ID
}

// newTenant makes a tenant; edit changes its backend before it is created.
func newTenant(t *testing.T, o infisical.Options, edit func(*v1alpha1.InfisicalBackend)) *tenant {
	t.Helper()
	o.TLS = true
	n := &tenant{sim: infisical.ForTest(t, o), folders: map[string]string{"": ""}}
	root := x509.NewCertPool()
	root.AppendCertsFromPEM(n.sim.CA())
	trusting := &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: root, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(trusting.CloseIdleConnections)
	var err error
	n.admin, err = admin.Bootstrap(t.Context(), n.sim.Address(), trusting)
	harness.Must(t, err)
	n.admin.V3 = o.Behavior.NoV4
	n.project, err = n.admin.CreateProject(t.Context(), "payments")
	harness.Must(t, err)
	n.identity, err = n.admin.CreateIdentity(t.Context(), "secretsync")
	harness.Must(t, err)
	n.roleID, err = n.admin.CreateRole(t.Context(), n.project.ID, "reader", allowed()...)
	harness.Must(t, err)
	harness.Must(t, n.admin.Join(t.Context(), n.project.ID, n.identity.ID, "reader"))
	n.Tenant = suite.World(t).Tenant(t, harness.TenantOptions{Edit: func(b *v1alpha1.SecretBackend) {
		n.allowKubernetes(t, b)
		if edit != nil {
			edit(b.Spec.Infisical)
		}
	}})
	n.Create(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.DefaultServiceAccount}})
	return n
}

// allowed is what the identity may do: read the environment.
func allowed(more ...admin.Rule) []admin.Rule {
	return append([]admin.Rule{{
		Subject: "secrets", Action: []string{"describeSecret", "readValue"},
		Conditions: map[string]any{"environment": environment},
	}}, more...)
}

// hidden is a rule that takes a secret from what the identity is shown.
func hidden(path, name string) admin.Rule {
	return admin.Rule{
		Subject: "secrets", Action: []string{"describeSecret", "readValue"}, Inverted: true,
		Conditions: map[string]any{"environment": environment, "secretPath": path, "secretName": name},
	}
}

// allowKubernetes lets the tenant's ServiceAccount log in, by the real API server's word.
func (n *tenant) allowKubernetes(t *testing.T, b *v1alpha1.SecretBackend) {
	t.Helper()
	c := suite.World(t).Cluster
	reviewer, err := c.ReviewerToken(t.Context())
	harness.Must(t, err)
	harness.Must(t, n.admin.AllowKubernetes(t.Context(), n.identity.ID, admin.Kubernetes{
		Host: c.Host(), CACert: string(c.CA()), ReviewerJWT: reviewer, Names: v1alpha1.DefaultServiceAccount, Audience: audience,
	}, admin.Tokens{}))
	b.Spec = v1alpha1.BackendSpec{Infisical: &v1alpha1.InfisicalBackend{
		Address: n.sim.Address(), ProjectSlug: n.project.Slug, Environment: environment,
		TLS: v1alpha1.TLS{CABundle: string(n.sim.CA())},
		Auth: v1alpha1.InfisicalAuth{Kubernetes: &v1alpha1.InfisicalKubernetesAuth{
			IdentityID: n.identity.ID, ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: audience},
		}},
	}}
}

func (n *tenant) at(path string) admin.Place { return n.project.At(environment, "/"+path) }

// folder makes a folder and those above it.
func (n *tenant) folder(t *testing.T, path string) {
	t.Helper()
	parent := ""
	for name := range strings.SplitSeq(path, "/") {
		at := strings.Trim(parent+"/"+name, "/")
		if _, made := n.folders[at]; !made {
			id, err := n.admin.CreateFolder(t.Context(), n.at(parent), name)
			harness.Must(t, err)
			n.folders[at] = id
		}
		parent = at
	}
}

// create makes secrets in a folder, which is made if need be.
func (n *tenant) create(t *testing.T, path string, values texts) {
	t.Helper()
	if path != "" {
		n.folder(t, path)
	}
	for key, value := range values {
		n.Remember(value)
		_, err := n.admin.CreateSecret(t.Context(), n.at(path), key, value)
		harness.Must(t, err)
	}
}

func (n *tenant) set(t *testing.T, path, key, value string) {
	t.Helper()
	n.Remember(value)
	_, err := n.admin.SetSecret(t.Context(), n.at(path), key, value)
	harness.Must(t, err)
}

// lists counts the lists that the server was asked for since the last call of Forget, and
// how many of them it answered with 304.
func (n *tenant) lists() (all, unchanged int) {
	for _, r := range n.sim.Requests() {
		if r.Path == "/api/v4/secrets" && r.Method == http.MethodGet {
			all++
			if r.Status == http.StatusNotModified {
				unchanged++
			}
		}
	}
	return all, unchanged
}
