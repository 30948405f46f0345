// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// stub answers as Vault does, in memory, so that time can be virtual. Paths are without
// /v1/. What is not set answers as Vault does of an absent entry.
type stub struct {
	mu       sync.Mutex
	handlers map[string]http.HandlerFunc
	requests []request
	// tokens are those that it accepts; nil accepts any.
	tokens map[string]bool
	issued int
}

// request is what the stub was asked.
type request struct {
	method, path, query, namespace, token string
	body                                  map[string]string
}

const (
	kv2Mount = `{"data":{"type":"kv","path":"secret/","options":{"version":"2"}}}`
	kv1Mount = `{"data":{"type":"kv","path":"secret/","options":null}}`
	badToken = `{"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]}`
	denial   = `{"errors":["1 error occurred:\n\t* permission denied\n\n"]}`
	absent   = `{"errors":[]}`
	// kept is the credential that a Secret keeps.
	kept    = "kept-cr3d3ntial"
	noRoute = `{"errors":["no handler for route \"secret/data/app\". route entry not found."]}`
)

// newStub is a Vault with a KV engine of version 2 at secret/, and one entry, app.
func newStub() *stub {
	s := &stub{handlers: map[string]http.HandlerFunc{}}
	s.on("sys/internal/ui/mounts/secret", 200, kv2Mount)
	s.on("secret/data/app", 200, kv2Body(`{"password":`+quote(backendtest.Marker)+`}`, 3))
	s.on("auth/token/lookup-self", 200, `{"data":{"ttl":60}}`)
	s.on("auth/token/revoke-self", 204, "")
	s.login(3600, true)
	return s
}

func kv2Body(data string, version int) string {
	return fmt.Sprintf(`{"data":{"data":%s,"metadata":{"created_time":"2026-01-02T03:04:05.678Z","deletion_time":"","destroyed":false,"version":%d}}}`, data, version)
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // Strings always marshal.
	}
	return string(text)
}

// on sets the answer for a path.
func (s *stub) on(path string, status int, body string, headers ...string) {
	s.handle(path, func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func (s *stub) handle(path string, h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[path] = h
}

// login makes logins succeed with tokens of that lifetime, each a new one.
func (s *stub) login(seconds int, renewable bool) {
	grant := func(w http.ResponseWriter, token string) {
		_, _ = fmt.Fprintf(w, `{"auth":{"client_token":%q,"lease_duration":%d,"renewable":%t}}`, token, seconds, renewable)
	}
	for _, mount := range []string{"kubernetes", "approle", "jwt"} {
		s.handle("auth/"+mount+"/login", func(w http.ResponseWriter, _ *http.Request) {
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
	s.handle("auth/token/renew-self", func(w http.ResponseWriter, r *http.Request) { grant(w, r.Header.Get("X-Vault-Token")) })
}

// revokeAll makes the stub accept no token but those that it issues from now on.
func (s *stub) revokeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = map[string]bool{}
}

// RoundTrip answers a request.
func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	said := request{
		method: r.Method, path: path, query: r.URL.RawQuery,
		namespace: r.Header.Get("X-Vault-Namespace"), token: r.Header.Get("X-Vault-Token"),
	}
	if r.Body != nil {
		if err := json.NewDecoder(r.Body).Decode(&said.body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.requests = append(s.requests, said)
	handler := s.handlers[path]
	known := s.tokens == nil || s.tokens[said.token] || strings.HasSuffix(path, "/login")
	s.mu.Unlock()
	recorder := httptest.NewRecorder()
	switch {
	case !known:
		recorder.WriteHeader(http.StatusForbidden)
		_, _ = recorder.WriteString(badToken)
	case handler == nil:
		recorder.WriteHeader(http.StatusNotFound)
		_, _ = recorder.WriteString(absent)
	default:
		handler(recorder, r)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

// count returns how often a path was asked for.
func (s *stub) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if r.path == path {
			n++
		}
	}
	return n
}

// last returns the newest request for a path.
func (s *stub) last(t *testing.T, path string) request {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range slices.Backward(s.requests) {
		if r.path == path {
			return r
		}
	}
	t.Fatalf("want a request for %q", path)
	return request{}
}

// credentials are one kept in a Secret, and a ServiceAccount's tokens.
type credentials struct {
	mu      sync.Mutex
	secrets map[string]string // by name/key
	err     error
	reads   int
}

func newCredentials() *credentials {
	return &credentials{secrets: map[string]string{"login/value": kept}}
}

func (c *credentials) set(value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets["login/value"] = value
}

func (c *credentials) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

func (c *credentials) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads
}

func (c *credentials) SecretKey(_ context.Context, _, name, key string) (sensitive.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	value, ok := c.secrets[name+"/"+key]
	if !ok {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, "CredentialNotFound", "no such Secret")
	}
	return sensitive.FromString(value), c.err
}

func (c *credentials) ServiceAccountToken(_ context.Context, namespace, name, audience string) (sensitive.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	return sensitive.FromString("jwt of " + namespace + "/" + name + " for " + audience), c.err
}

func kubernetesMethod() v1alpha1.VaultAuth {
	return v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{
		Role: "app", ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: "vault"},
	}}
}

func tokenMethod() v1alpha1.VaultAuth {
	return v1alpha1.VaultAuth{Token: &v1alpha1.VaultTokenAuth{SecretRef: v1alpha1.SecretKeyRef{Name: "login", Key: "value"}}}
}

func appRoleMethod() v1alpha1.VaultAuth {
	return v1alpha1.VaultAuth{AppRole: &v1alpha1.VaultAppRoleAuth{
		RoleID: "role-id", SecretIDRef: v1alpha1.SecretKeyRef{Name: "login", Key: "value"},
	}}
}

// settings change what newVault opens.
type settings struct {
	spec        v1alpha1.VaultBackend
	credentials *credentials
	observer    backend.Observer
}

// newVault is a backend on the stub, by Kubernetes auth if the settings name no other.
func newVault(t *testing.T, s *stub, with settings) *vault {
	t.Helper()
	if (with.spec.Auth == v1alpha1.VaultAuth{}) {
		with.spec.Auth = kubernetesMethod()
	}
	if with.credentials == nil {
		with.credentials = newCredentials()
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

// want checks class and reason of an error, and that neither a value nor a credential is
// in what it says.
func want(t *testing.T, err error, class fault.Class, reason string) {
	t.Helper()
	if fault.ClassOf(err) != class || fault.ReasonOf(err) != reason {
		t.Errorf("want %s/%s, got %s/%s: %v", class, reason, fault.ClassOf(err), fault.ReasonOf(err), err)
	}
	said := fmt.Sprintf("%v %+v %#v", err, err, err)
	backendtest.WantNoMarker(t, "an error", said)
	if strings.Contains(said, kept) {
		t.Errorf("an error holds a credential")
	}
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
