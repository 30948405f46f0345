// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package environments

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
	"github.com/secretsync/secretsync/test/infisical/target"
)

// platform is what the environments of one test read: an Infisical of its own, and what the
// files of the example leave open.
type platform struct {
	*target.Server

	project admin.Project
	folders map[admin.Place]bool
	// identities name who logs in by the name of the backend, credentials are what they show
	// by the name of the Secret.
	identities, credentials map[string]string
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{
		Server:  target.ForTest(t, infisical.Options{TLS: true}),
		folders: map[admin.Place]bool{}, identities: texts{}, credentials: texts{},
	}
	var err error
	p.project, err = p.Admin.CreateProject(t.Context(), "payments")
	harness.Must(t, err)
	return p
}

// afterwards is a context for what is done when the test has ended.
func afterwards(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
}

func (p *platform) identity(t *testing.T, backend string) string {
	t.Helper()
	if p.identities[backend] == "" {
		t.Fatalf("nobody made an identity for backend %s", backend)
	}
	return p.identities[backend]
}

func (p *platform) credential(t *testing.T, secret string) string {
	t.Helper()
	if p.credentials[secret] == "" {
		t.Fatalf("nobody made a credential for Secret %s", secret)
	}
	return p.credentials[secret]
}

// reader makes an identity that may read one environment and nothing else.
func (p *platform) reader(t *testing.T, environment string) admin.Identity {
	t.Helper()
	role := "reads-" + environment
	_, err := p.Admin.CreateRole(t.Context(), p.project.ID, role, admin.Rule{
		Subject: "secrets", Action: []string{"describeSecret", "readValue"}, Conditions: map[string]any{"environment": environment},
	})
	harness.Must(t, err)
	identity, err := p.Admin.CreateIdentity(t.Context(), role)
	harness.Must(t, err)
	harness.Must(t, p.Admin.Join(t.Context(), p.project.ID, identity.ID, role))
	return identity
}

// furnish makes in Infisical what the file of an environment says that it needs.
func (p *platform) furnish(t *testing.T, w *harness.World, environment string) {
	t.Helper()
	login, err := p.Admin.AllowUniversal(t.Context(), p.reader(t, environment).ID, admin.Tokens{TTL: 3600, MaxTTL: 3600})
	harness.Must(t, err)
	p.identities[environment], p.credentials["infisical-"+environment] = login.ClientID, login.ClientSecret
	p.put(t, w, environment, entry, valuesOf(environment))
}

// furnishPreviews makes in Infisical what preview.yaml says that it needs: its identity logs in
// with ServiceAccounts of the world's cluster.
func (p *platform) furnishPreviews(t *testing.T, w *harness.World) {
	t.Helper()
	_, err := p.Admin.CreateEnvironment(t.Context(), p.project.ID, preview)
	harness.Must(t, err)
	reviewer, err := w.Cluster.ReviewerToken(t.Context(), "infisical")
	harness.Must(t, err)
	identity := p.reader(t, preview)
	harness.Must(t, p.Admin.AllowKubernetes(t.Context(), identity.ID, admin.Kubernetes{
		Host: w.Cluster.Host(), CACert: string(w.Cluster.CA()), ReviewerJWT: reviewer,
		Names: v1alpha1.DefaultServiceAccount, Audience: "infisical",
	}, admin.Tokens{TTL: 3600, MaxTTL: 3600}))
	p.identities[preview] = identity.ID
	p.put(t, w, preview, entry, valuesOf(preview))
}

// put makes a folder with secrets in it.
func (p *platform) put(t *testing.T, w *harness.World, environment, path string, values texts) {
	t.Helper()
	for _, value := range values {
		w.Remember(value)
	}
	harness.Must(t, p.Admin.CreateSecrets(t.Context(), p.makeFolder(t, environment, path), values))
}

// makeFolder makes a folder with those above it, unless they are there.
func (p *platform) makeFolder(t *testing.T, environment, path string) admin.Place {
	t.Helper()
	at := p.project.At(environment, "/")
	for name := range strings.SplitSeq(path, "/") {
		next := p.project.At(environment, strings.TrimSuffix(at.Path, "/")+"/"+name)
		if !p.folders[next] {
			_, err := p.Admin.CreateFolder(t.Context(), at, name)
			harness.Must(t, err)
			p.folders[next] = true
		}
		at = next
	}
	return at
}

// set gives a secret another value.
func (p *platform) set(t *testing.T, w *harness.World, environment, path, key, value string) {
	t.Helper()
	w.Remember(value)
	_, err := p.Admin.SetSecret(t.Context(), p.project.At(environment, "/"+path), key, value)
	harness.Must(t, err)
}

// lists counts how often a folder was listed. Only a simulator tells.
func (p *platform) lists(path string) int {
	return p.count(func(r infisical.Request) bool {
		query, err := url.ParseQuery(r.Query)
		return err == nil && strings.HasSuffix(r.Path, "/secrets") && query.Get("secretPath") == "/"+path
	})
}

// logins and revocations count what became of tokens.
func (p *platform) logins() int      { return p.posts("/api/v1/auth/kubernetes-auth/login") }
func (p *platform) revocations() int { return p.posts("/api/v1/auth/token/revoke") }

func (p *platform) posts(path string) int {
	return p.count(func(r infisical.Request) bool { return r.Path == path && r.Status == 200 })
}

func (p *platform) count(which func(infisical.Request) bool) (n int) {
	for _, request := range p.Simulator.Requests() {
		if which(request) {
			n++
		}
	}
	return n
}
