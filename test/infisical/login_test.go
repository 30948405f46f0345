// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/admin"
	"github.com/secretsync/secretsync/test/infisical/store"
	"github.com/secretsync/secretsync/test/infisical/target"
)

const universalLogin = "/api/v1/auth/universal-auth/login"

// anonymous makes a POST without a token.
func (w *world) anonymous(t *testing.T, path string, body any) answer {
	t.Helper()
	return w.do(t, asked{method: http.MethodPost, path: path, body: body})
}

func TestUniversalLogin(t *testing.T) {
	w := furnish(t, target.ForTest(t, infisical.Options{}), admin.Tokens{TTL: 600, MaxTTL: 1200})
	granted := w.anonymous(t, universalLogin, map[string]any{
		"clientId": w.login.ClientID, "clientSecret": w.login.ClientSecret, "unknown": "is ignored",
	})
	granted.is(t, http.StatusOK, "")
	for field, want := range map[string]any{"expiresIn": 600.0, "accessTokenMaxTTL": 1200.0, "tokenType": "Bearer"} {
		if granted.body[field] != want {
			t.Errorf("%s is %v, want %v", field, granted.body[field], want)
		}
	}
	wrong := w.anonymous(t, universalLogin, map[string]any{"clientId": w.login.ClientID, "clientSecret": "wrong"})
	wrong.is(t, http.StatusUnauthorized, "UnauthorizedError")
	if wrong.text(t, "message") != "Invalid credentials" {
		t.Errorf("%s", wrong.raw)
	}
	w.anonymous(t, universalLogin, map[string]any{"clientId": w.login.ClientID}).is(t, http.StatusUnprocessableEntity, "ValidationFailure")
}

func TestAuthorizationHeader(t *testing.T) {
	w := newWorld(t)
	cases := map[string]struct {
		header map[string]string
		token  string
		status int
		name   string
	}{
		"Missing": {status: 401, name: "UnauthorizedError"},
		"Basic":   {header: map[string]string{"Authorization": "Basic abc"}, status: 401, name: "UnauthorizedError"},
		"NoJWT":   {token: "abc", status: 403, name: "TokenError"},
		"APIKey":  {header: map[string]string{"X-Api-Key": "abc"}, status: 400, name: "BadRequest"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w.do(t, asked{method: http.MethodGet, path: "/api/v4/secrets", parameters: w.v4(), header: tc.header, token: tc.token}).is(t, tc.status, tc.name)
		})
	}
}

func TestRenewAndRevoke(t *testing.T) {
	w := newWorld(t)
	renewed := w.anonymous(t, "/api/v1/auth/token/renew", map[string]any{"accessToken": w.token})
	renewed.is(t, http.StatusOK, "")
	w.token = renewed.text(t, "accessToken")
	w.list(t).is(t, http.StatusOK, "")
	revoked := w.anonymous(t, "/api/v1/auth/token/revoke", map[string]any{"accessToken": w.token})
	revoked.is(t, http.StatusOK, "")
	if revoked.text(t, "message") != "Successfully revoked access token" {
		t.Errorf("%s", revoked.raw)
	}
	w.list(t).is(t, http.StatusUnauthorized, "UnauthorizedError")
}

// TestExpiryOnTheWire is an expired token in both forms, and a lockout from which time frees.
func TestExpiryOnTheWire(t *testing.T) {
	for as401, want := range map[bool]int{false: http.StatusForbidden, true: http.StatusUnauthorized} {
		clock := clocktesting.NewFakeClock(time.Now())
		s := target.Simulated(t, infisical.Options{
			Clock: clock, Behavior: infisical.Behavior{Access: access.Rules{ExpiredIs401: as401}},
		})
		w := furnish(t, s, admin.Tokens{TTL: 60, MaxTTL: 60})
		clock.Step(62 * time.Second)
		refused := w.list(t)
		refused.is(t, want, map[bool]string{false: "TokenError", true: "UnauthorizedError"}[as401])

		wrong := map[string]any{"clientId": w.login.ClientID, "clientSecret": "wrong"}
		for range 3 {
			w.anonymous(t, universalLogin, wrong).is(t, http.StatusUnauthorized, "")
		}
		right := map[string]any{"clientId": w.login.ClientID, "clientSecret": w.login.ClientSecret}
		locked := w.anonymous(t, universalLogin, right)
		locked.is(t, http.StatusUnauthorized, "UnauthorizedError")
		if locked.text(t, "message") != "This identity auth method is temporarily locked, please try again later" {
			t.Errorf("%s", locked.raw)
		}
		clock.Step(300 * time.Second)
		w.anonymous(t, universalLogin, right).is(t, http.StatusOK, "")
	}
}

func TestUsesLimitOnTheWire(t *testing.T) {
	w := furnish(t, target.ForTest(t, infisical.Options{}), admin.Tokens{UsesLimit: 2})
	for range 2 {
		w.list(t).is(t, http.StatusOK, "")
	}
	w.list(t).is(t, http.StatusUnauthorized, "UnauthorizedError")
}

func TestTrustedNetworks(t *testing.T) {
	w := newWorld(t)
	identity := must(w.Admin.CreateIdentity(t.Context(), "elsewhere"))(t)
	check(t, w.Admin.Join(t.Context(), w.project.ID, identity.ID, "viewer"))
	check(t, w.Admin.Allow(t.Context(), identity.ID, "token-auth", admin.Tokens{}, map[string]any{
		"accessTokenTrustedIps": []map[string]any{{"ipAddress": "192.0.2.0/24"}},
	}))
	var given struct{ AccessToken string }
	check(t, w.Admin.Call(t.Context(), http.MethodPost, "/api/v1/auth/token-auth/identities/"+identity.ID+"/tokens",
		map[string]any{"name": "test"}, &given))
	w.token = given.AccessToken
	if status := w.list(t).status; status != http.StatusForbidden && status != http.StatusUnauthorized {
		t.Errorf("from another network: %d", status)
	}
}

// TestKubernetesLogin has a review that the test scripts; the package judges has a real API server's.
func TestKubernetesLogin(t *testing.T) {
	authenticated := func(username string, audiences ...string) authenticationv1.TokenReviewStatus {
		return authenticationv1.TokenReviewStatus{
			Authenticated: true, Audiences: audiences, User: authenticationv1.UserInfo{Username: username},
		}
	}
	const reader = "system:serviceaccount:payments:reader"
	cases := map[string]struct {
		status authenticationv1.TokenReviewStatus
		err    error
		want   int
		name   string
	}{
		"Accepted":       {status: authenticated(reader, "infisical"), want: 200},
		"NotAccepted":    {want: 401},
		"OtherNamespace": {status: authenticated("system:serviceaccount:other:reader", "infisical"), want: 401},
		"OtherName":      {status: authenticated("system:serviceaccount:payments:other", "infisical"), want: 401},
		"OtherAudience":  {status: authenticated(reader, "vault"), want: 401},
		"NoAccount":      {status: authenticated("jane", "infisical"), want: 401},
		"Expired":        {status: authenticationv1.TokenReviewStatus{Error: "token has expired"}, want: 403},
		"Unreachable": {
			err:  &store.Error{Status: 400, Name: "KubernetesConnectionRefused", Message: "refused"},
			want: 400, name: "KubernetesConnectionRefused",
		},
		"Broken": {err: errors.New("broken"), want: 500, name: "InternalServerError"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var reviewed string
			w := simulated(t, infisical.Options{Verify: infisical.Verifiers{
				TokenReview: func(_ context.Context, token string, _ []string) (authenticationv1.TokenReviewStatus, error) {
					reviewed = token
					return tc.status, tc.err
				},
			}})
			check(t, w.Admin.AllowKubernetes(t.Context(), w.reader.ID, admin.Kubernetes{
				Host: "https://kubernetes.example.test", Namespaces: "payments, billing", Names: "reader", Audience: "infisical",
			}, admin.Tokens{}))
			w.anonymous(t, "/api/v1/auth/kubernetes-auth/login", map[string]any{"identityId": w.reader.ID, "jwt": "token"}).is(t, tc.want, tc.name)
			if reviewed != "token" {
				t.Errorf("reviewed %q", reviewed)
			}
		})
	}
}

// TestReviewerThatFails: without a script, the server asks the API server that its settings name.
func TestReviewerThatFails(t *testing.T) {
	answers := map[string]struct {
		status int
		want   int
		name   string
	}{
		"Unauthorized": {401, 401, "KubernetesTokenReviewerUnauthorized"},
		"Forbidden":    {403, 401, "KubernetesTokenReviewerForbidden"},
		"Failing":      {500, 400, "KubernetesTokenReviewRequestError"},
	}
	w := simulated(t, infisical.Options{})
	login := func(host string, k admin.Kubernetes) answer {
		t.Helper()
		identity := must(w.Admin.CreateIdentity(t.Context(), "reader"))(t)
		k.Host = host
		check(t, w.Admin.AllowKubernetes(t.Context(), identity.ID, k, admin.Tokens{}))
		return w.anonymous(t, "/api/v1/auth/kubernetes-auth/login", map[string]any{"identityId": identity.ID, "jwt": "token"})
	}
	for name, tc := range answers {
		t.Run(name, func(t *testing.T) {
			api := newReceiver(t, tc.status)
			login(api.URL, admin.Kubernetes{}).is(t, tc.want, tc.name)
		})
	}
	gone := newReceiver(t, 200)
	gone.Close()
	login(gone.URL, admin.Kubernetes{}).is(t, 400, "KubernetesConnectionRefused")
	login("https://none.invalid", admin.Kubernetes{}).is(t, 400, "KubernetesHostNotFound")
	login("https://127.0.0.1:1", admin.Kubernetes{CACert: "no PEM"}).is(t, 400, "KubernetesCertificateError")
	secure := target.Simulated(t, infisical.Options{TLS: true})
	login(secure.Address, admin.Kubernetes{}).is(t, 400, "KubernetesCertificateError")
}

func TestLoginsNobodyAllowed(t *testing.T) {
	w := newWorld(t)
	for method, credentials := range map[string]map[string]any{
		"kubernetes-auth": {"jwt": "x"}, "oidc-auth": {"jwt": "x"}, "jwt-auth": {"jwt": "x"}, "azure-auth": {"jwt": "x"}, "gcp-auth": {"jwt": "x"},
		"ldap-auth": {"username": "x", "password": "x"},
		"aws-auth":  {"iamHttpRequestMethod": "POST", "iamRequestBody": "x", "iamRequestHeaders": "x"},
	} {
		t.Run(method, func(t *testing.T) {
			credentials["identityId"] = w.reader.ID
			if status := w.anonymous(t, "/api/v1/auth/"+method+"/login", credentials).status; status/100 != 4 {
				t.Errorf("status %d", status)
			}
			delete(credentials, "identityId")
			w.anonymous(t, "/api/v1/auth/"+method+"/login", credentials).is(t, http.StatusUnprocessableEntity, "ValidationFailure")
		})
	}
}

// TestPeopleAlone: what only people may do refuses identities, whatever they may do.
func TestPeopleAlone(t *testing.T) {
	w := newWorld(t)
	made := w.create(t, "A", "1")
	must(w.Admin.SetSecret(t.Context(), w.root(), "A", "2"))(t)
	versions := "/api/v1/secret/" + made.ID + "/secret-versions"
	for _, path := range []string{versions, "/api/v1/pit/commits", "/api/v1/pit/commits/count", "/api/v1/pit/commits/1"} {
		refused := w.get(t, path, "offset", "0", "limit", "20")
		refused.is(t, http.StatusForbidden, "")
	}
	person := func(parameters ...string) answer {
		return w.do(t, asked{method: http.MethodGet, path: versions, token: w.Admin.UserToken, parameters: parameters})
	}
	if w.Admin.UserToken == "" {
		return // a real server whose administrator is no person
	}
	told := person("offset", "0", "limit", "20")
	told.is(t, http.StatusOK, "")
	for i, version := range []float64{2, 1} {
		if told.at(t, "secretVersions", i, "version") != version {
			t.Errorf("%s", told.raw)
		}
	}
	person("offset", "0").is(t, http.StatusUnprocessableEntity, "ValidationFailure")
}

// TestVersionsForIdentities is what no known server does.
func TestVersionsForIdentities(t *testing.T) {
	w := simulated(t, infisical.Options{Behavior: infisical.Behavior{VersionsForIdentities: true}})
	made := w.create(t, "A", "1")
	ask := func() answer {
		return w.get(t, "/api/v1/secret/"+made.ID+"/secret-versions", "offset", "0", "limit", "20")
	}
	if told := ask(); told.text(t, "secretVersions", 0, "secretValue") != "1" {
		t.Errorf("%s", told.raw)
	}
	check(t, w.Admin.ChangeRoles(t.Context(), w.project.ID, w.reader.ID, "no-access"))
	ask().is(t, http.StatusForbidden, "PermissionDenied")
}
