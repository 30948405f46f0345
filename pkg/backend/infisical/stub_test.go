// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// stub answers as Infisical does, in memory. Paths are without /api. What is not set is a
// route that the server does not know.
type stub struct {
	backendtest.Responder

	issued atomic.Int64
}

const (
	list    = "/v4/secrets"
	oldList = "/v3/secrets/raw"
	login   = "/v1/auth/universal-auth/login"
)

// newStub is an Infisical whose folders all hold one secret, PASSWORD.
func newStub() *stub {
	s := &stub{Responder: backendtest.Responder{Prefix: "/api", Unknown: func(w http.ResponseWriter, asked backendtest.Asked) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, `{"message":"Route %s:/api%s not found","error":"Not Found","statusCode":404}`, asked.Method, asked.Path)
	}}}
	s.On(list, 200, listOf(secretOf("PASSWORD", backendtest.Marker, "")), "ETag", `"one"`)
	s.On("/v1/auth/token/revoke", 200, `{"message":"revoked"}`)
	s.On("/v1/projects/p1", 200, `{"project":{"id":"p1","environments":[{"slug":"dev"},{"slug":"prod"}]}}`)
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
		key, backendtest.Text(key), backendtest.Text(value), path)
}

// failure is an error as Infisical answers it.
func failure(status int, kind, text string) string {
	return fmt.Sprintf(`{"reqId":"req-1","statusCode":%d,"error":%q,"message":%q}`, status, kind, text+backendtest.Marker)
}

// folders sets the lists of folders, by path, with the environment before it if that is
// another; all others may not be read.
func (s *stub) folders(lists map[string]string) {
	s.Handle(list, func(w http.ResponseWriter, r *http.Request) {
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

// grant makes logins succeed with tokens of that lifetime, each a new one.
func (s *stub) grant(seconds int) {
	for _, method := range []string{"universal", "kubernetes", "oidc", "jwt", "ldap"} {
		s.Handle("/v1/auth/"+method+"-auth/login", func(w http.ResponseWriter, _ *http.Request) {
			token := fmt.Sprintf("token-%d", s.issued.Add(1))
			_, _ = fmt.Fprintf(w, `{"accessToken":%q,"expiresIn":%d,"accessTokenMaxTTL":%d,"tokenType":"Bearer"}`, token, seconds, seconds)
		})
	}
}

func universalMethod() v1alpha1.InfisicalAuth {
	return v1alpha1.InfisicalAuth{Universal: &v1alpha1.InfisicalUniversalAuth{ClientID: "client", ClientSecretRef: backendtest.KeptRef()}}
}

func tokenMethod() v1alpha1.InfisicalAuth {
	return v1alpha1.InfisicalAuth{Token: &v1alpha1.InfisicalTokenAuth{SecretRef: backendtest.KeptRef()}}
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
	keeper   *backendtest.Credentials
	guarded  bool
}

// open is a backend on the stub, by universal auth if the settings name no other.
func open(t *testing.T, s *stub, with settings) *infisical {
	t.Helper()
	if with.provider == nil {
		with.provider = New()
	}
	if with.keeper == nil {
		with.keeper = backendtest.NewCredentials()
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

// want is backendtest.WantError.
func want(t *testing.T, err error, class fault.Class, reason string) {
	t.Helper()
	backendtest.WantError(t, err, class, reason)
}
