// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

// stub answers as Infisical does, in memory, so that time can be virtual. Paths are without
// /api. What is not set is a route that the server does not know.
type stub struct {
	mu       sync.Mutex
	handlers map[string]http.HandlerFunc
	requests []asking
	issued   int
}

// asking is what the stub was asked.
type asking struct {
	method, path, escaped, query, token, unless string
	body                                        map[string]string
}

const (
	// kept is the credential that a Secret keeps.
	kept    = "kept-cr3d3ntial"
	list    = "/v4/secrets"
	oldList = "/v3/secrets/raw"
	login   = "/v1/auth/universal-auth/login"
)

// newStub is an Infisical whose folders all hold one secret, PASSWORD.
func newStub() *stub {
	s := &stub{handlers: map[string]http.HandlerFunc{}}
	s.on(list, 200, listOf(secretOf("PASSWORD", backendtest.Marker, "")), "ETag", `"one"`)
	s.on("/v1/auth/token/revoke", 200, `{"message":"revoked"}`)
	s.on("/v1/projects/p1", 200, `{"project":{"id":"p1","environments":[{"slug":"dev"},{"slug":"prod"}]}}`)
	s.grant(3600)
	return s
}

// listOf is a list of secrets, each of secretOf.
func listOf(secrets ...string) string {
	return `{"secrets":[` + strings.Join(secrets, ",") + `],"imports":[]}`
}

// secretOf is a secret at version 1 in a folder.
func secretOf(key, value, path string) string {
	return fmt.Sprintf(`{"id":"id-of-%s","version":1,"type":"shared","secretKey":%s,"secretValue":%s,"secretPath":%q,"updatedAt":"2026-01-02T03:04:05.678Z"}`,
		key, quote(key), quote(value), path)
}

// failure is an error as Infisical answers it.
func failure(status int, kind, text string) string {
	return fmt.Sprintf(`{"reqId":"req-1","statusCode":%d,"error":%q,"message":%q}`, status, kind, text+backendtest.Marker)
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

// folders sets the lists of folders, by path, with the environment before it if that is
// another; all others may not be read.
func (s *stub) folders(lists map[string]string) {
	s.handle(list, func(w http.ResponseWriter, r *http.Request) {
		at := r.URL.Query().Get("secretPath")
		if environment := r.URL.Query().Get("environment"); environment != "prod" {
			at = environment + ":" + at
		}
		body, known := lists[at]
		if !known {
			w.WriteHeader(http.StatusForbidden)
			body = failure(403, "PermissionDenied", "x")
		}
		w.Header().Set("ETag", `"one"`)
		_, _ = io.WriteString(w, body)
	})
}

func (s *stub) handle(path string, h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[path] = h
}

// grant makes logins succeed with tokens of that lifetime, each a new one.
func (s *stub) grant(seconds int) {
	for _, method := range []string{"universal", "kubernetes", "oidc", "jwt", "ldap"} {
		s.handle("/v1/auth/"+method+"-auth/login", func(w http.ResponseWriter, _ *http.Request) {
			s.mu.Lock()
			s.issued++
			token := fmt.Sprintf("token-%d", s.issued)
			s.mu.Unlock()
			_, _ = fmt.Fprintf(w, `{"accessToken":%q,"expiresIn":%d,"accessTokenMaxTTL":%d,"tokenType":"Bearer"}`, token, seconds, seconds)
		})
	}
}

// RoundTrip answers a request.
func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	path := strings.TrimPrefix(r.URL.Path, "/api")
	said := asking{
		method: r.Method, path: path, escaped: r.URL.EscapedPath(), query: r.URL.RawQuery,
		token: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), unless: r.Header.Get("If-None-Match"),
	}
	if r.Body != nil {
		if err := json.NewDecoder(r.Body).Decode(&said.body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.requests = append(s.requests, said)
	handler := s.handlers[path]
	s.mu.Unlock()
	recorder := httptest.NewRecorder()
	if handler == nil {
		recorder.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(recorder, `{"message":"Route %s:/api%s not found","error":"Not Found","statusCode":404}`, r.Method, path)
	} else {
		handler(recorder, r)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

// count returns how often a path was asked for.
func (s *stub) count(path string) int { return len(s.asked(path)) }

// asked returns the requests for a path.
func (s *stub) asked(path string) (all []asking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if r.path == path {
			all = append(all, r)
		}
	}
	return all
}

// last returns the newest request for a path.
func (s *stub) last(t *testing.T, path string) asking {
	t.Helper()
	all := s.asked(path)
	if len(all) == 0 {
		t.Fatalf("want a request for %q", path)
	}
	return all[len(all)-1]
}

// keeper is one credential kept in a Secret, and a ServiceAccount's tokens.
type keeper struct {
	mu      sync.Mutex
	secrets map[string]string // by name/key
	tokens  int
}

func newKeeper() *keeper { return &keeper{secrets: map[string]string{"login/value": kept}} }

func (c *keeper) set(value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets["login/value"] = value
}

func (c *keeper) SecretKey(_ context.Context, _, name, key string) (sensitive.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	value, ok := c.secrets[name+"/"+key]
	if !ok {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, "CredentialNotFound", "no such Secret")
	}
	return sensitive.FromString(value), nil
}

func (c *keeper) ServiceAccountToken(_ context.Context, namespace, name, audience string) (sensitive.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens++
	return sensitive.FromString(fmt.Sprintf("jwt %d of %s/%s for %s", c.tokens, namespace, name, audience)), nil
}

func keptRef() v1alpha1.SecretKeyRef { return v1alpha1.SecretKeyRef{Name: "login", Key: "value"} }

func universalMethod() v1alpha1.InfisicalAuth {
	return v1alpha1.InfisicalAuth{Universal: &v1alpha1.InfisicalUniversalAuth{ClientID: "client", ClientSecretRef: keptRef()}}
}

func tokenMethod() v1alpha1.InfisicalAuth {
	return v1alpha1.InfisicalAuth{Token: &v1alpha1.InfisicalTokenAuth{SecretRef: keptRef()}}
}

func kubernetesMethod() v1alpha1.InfisicalAuth {
	return v1alpha1.InfisicalAuth{Kubernetes: &v1alpha1.InfisicalKubernetesAuth{
		IdentityID: "i1", ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: "infisical"},
	}}
}

// settings change what open opens.
type settings struct {
	provider *Provider
	spec     v1alpha1.InfisicalBackend
	keeper   *keeper
	guarded  bool
}

// open is a backend on the stub, by universal auth if the settings name no other.
func open(t *testing.T, s *stub, with settings) *infisical {
	t.Helper()
	if with.provider == nil {
		with.provider = New()
	}
	if with.keeper == nil {
		with.keeper = newKeeper()
	}
	if (with.spec.Auth == v1alpha1.InfisicalAuth{}) {
		with.spec.Auth = universalMethod()
	}
	if with.spec.ProjectSlug == "" {
		with.spec.ProjectID = "p1"
	}
	with.spec.Environment, with.spec.Address = "prod", "https://infisical.example"
	cfg := backend.Config{
		Spec:                v1alpha1.BackendSpec{Infisical: &with.spec},
		CredentialNamespace: "ops", IdentityNamespace: "team",
		Credentials: with.keeper, Clock: clock.RealClock{}, Guarded: with.guarded,
	}
	if err := check(&with.spec, with.guarded); err != nil {
		t.Fatal(err)
	}
	m, err := newMethod(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := remote.NewClient(serverOf(cfg), s, func() {})
	if err != nil {
		t.Fatal(err)
	}
	b := with.provider.assemble(cfg, m, c)
	t.Cleanup(func() { _ = b.Close(context.WithoutCancel(t.Context())) })
	return b
}

func ref(t *testing.T, path, field, version string) backend.EntryRef {
	t.Helper()
	r, err := backend.ParseValueRef(path, field, version)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// readApp reads the stub's folder.
func readApp(t *testing.T, b *infisical) error {
	t.Helper()
	_, err := b.Read(t.Context(), ref(t, "app", "", ""))
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
