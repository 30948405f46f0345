// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// stub answers as Vault does, in memory. Paths are without /v1/. What is not set answers as
// Vault does of an absent entry.
type stub struct {
	backendtest.Responder

	mu sync.Mutex
	// tokens are those that it accepts; nil accepts any.
	tokens map[string]bool
	issued int
}

const (
	kv2Mount = `{"data":{"type":"kv","path":"secret/","options":{"version":"2"}}}`
	kv1Mount = `{"data":{"type":"kv","path":"secret/","options":null}}`
	badToken = `{"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]}`
	denial   = `{"errors":["1 error occurred:\n\t* permission denied\n\n"]}`
	absent   = `{"errors":[]}`
	noRoute  = `{"errors":["no handler for route \"secret/data/app\". route entry not found."]}`
)

// newStub is a Vault with a KV engine of version 2 at secret/, and one entry, app.
func newStub() *stub {
	s := &stub{Responder: backendtest.Responder{Prefix: "/v1/", Unknown: func(w http.ResponseWriter, _ backendtest.Asked) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, absent)
	}}}
	s.Refuse = s.refuse
	s.On("sys/internal/ui/mounts/secret", 200, kv2Mount)
	s.On("secret/data/app", 200, kv2Body(`{"password":`+backendtest.Text(backendtest.Marker)+`}`, 3))
	s.On("auth/token/lookup-self", 200, `{"data":{"ttl":60}}`)
	s.On("auth/token/revoke-self", 204, "")
	s.login(3600, true)
	return s
}

func kv2Body(data string, version int) string {
	return fmt.Sprintf(`{"data":{"data":%s,"metadata":{"created_time":"2026-01-02T03:04:05.678Z","deletion_time":"","destroyed":false,"version":%d}}}`, data, version)
}

// refuse answers whoever shows a token that is not accepted.
func (s *stub) refuse(w http.ResponseWriter, asked backendtest.Asked) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil || s.tokens[asked.Header.Get("X-Vault-Token")] || strings.HasSuffix(asked.Path, "/login") {
		return false
	}
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, badToken)
	return true
}

// login makes logins succeed with tokens of that lifetime, each a new one.
func (s *stub) login(seconds int, renewable bool) {
	grant := func(w http.ResponseWriter, token string) {
		_, _ = fmt.Fprintf(w, `{"auth":{"client_token":%q,"lease_duration":%d,"renewable":%t}}`, token, seconds, renewable)
	}
	for _, mount := range []string{"kubernetes", "approle", "jwt"} {
		s.Handle("auth/"+mount+"/login", func(w http.ResponseWriter, _ *http.Request) {
			s.mu.Lock()
			s.issued++
			token := fmt.Sprintf("token-%d", s.issued)
			if s.tokens != nil {
				s.tokens[token] = true
			}
			s.mu.Unlock()
			grant(w, token)
		})
	}
	s.Handle("auth/token/renew-self", func(w http.ResponseWriter, r *http.Request) { grant(w, r.Header.Get("X-Vault-Token")) })
}

// revokeAll makes the stub accept no token but those that it issues from now on.
func (s *stub) revokeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = map[string]bool{}
}

func kubernetesMethod() v1alpha1.VaultAuth {
	return v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{
		Role: "app", ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: "vault"},
	}}
}

func tokenMethod() v1alpha1.VaultAuth {
	return v1alpha1.VaultAuth{Token: &v1alpha1.VaultTokenAuth{SecretRef: backendtest.KeptRef()}}
}

func appRoleMethod() v1alpha1.VaultAuth {
	return v1alpha1.VaultAuth{AppRole: &v1alpha1.VaultAppRoleAuth{
		RoleID: "role-id", SecretIDRef: backendtest.KeptRef(),
	}}
}

// settings change what newVault opens.
type settings struct {
	spec        v1alpha1.VaultBackend
	credentials *backendtest.Credentials
	observer    backend.Observer
}

// newVault is a backend on the stub, by Kubernetes auth if the settings name no other.
func newVault(t *testing.T, s *stub, with settings) *vault {
	t.Helper()
	if (with.spec.Auth == v1alpha1.VaultAuth{}) {
		with.spec.Auth = kubernetesMethod()
	}
	if with.credentials == nil {
		with.credentials = backendtest.NewCredentials()
	}
	cfg := backend.Config{
		Spec:                v1alpha1.BackendSpec{Vault: &with.spec},
		CredentialNamespace: "ops", IdentityNamespace: "team",
		Credentials: with.credentials, Clock: clock.RealClock{}, Observer: with.observer,
	}
	m, err := newMethod(cfg)
	if err != nil {
		t.Fatal(err)
	}
	with.spec.Address = "https://vault.example:8200"
	v := New().assemble(cfg, m, stubbed(t, cfg, s))
	t.Cleanup(func() { _ = v.Close(context.WithoutCancel(t.Context())) })
	return v
}

func ref(t *testing.T, path, version string) backend.EntryRef {
	t.Helper()
	r, err := backend.ParseRef(path, version)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// readApp reads the stub's entry.
func readApp(t *testing.T, v *vault) error {
	t.Helper()
	_, err := v.Read(t.Context(), ref(t, "app", ""))
	return err
}

// want is backendtest.WantError.
func want(t *testing.T, err error, class fault.Class, reason string) {
	t.Helper()
	backendtest.WantError(t, err, class, reason)
}

// stubbed is a client that sends to the stub.
func stubbed(t *testing.T, cfg backend.Config, s *stub) *client {
	t.Helper()
	c, err := remote.NewClient(serverOf(cfg), s, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return &client{c}
}
