// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// pass lets time pass, in a bubble.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// TestLogins: each kind of login is one request of the SDK, with what was configured and
// nothing else.
func TestLogins(t *testing.T) {
	account := v1alpha1.ServiceAccountIdentity{Audience: "infisical"}
	jwt := "jwt 1 of team/secretsync-auth for infisical"
	keptAt := backendtest.KeptRef()
	cases := map[string]struct {
		auth v1alpha1.InfisicalAuth
		path string
		body map[string]string
	}{
		"Universal": {
			auth: universalMethod(), path: login,
			body: map[string]string{"clientId": "client", "clientSecret": backendtest.Kept},
		},
		"UniversalRef": {
			auth: v1alpha1.InfisicalAuth{Universal: &v1alpha1.InfisicalUniversalAuth{ClientIDRef: &keptAt, ClientSecretRef: keptAt}},
			path: login, body: map[string]string{"clientId": backendtest.Kept, "clientSecret": backendtest.Kept},
		},
		"Kubernetes": {
			auth: kubernetesMethod(), path: "/v1/auth/kubernetes-auth/login",
			body: map[string]string{"identityId": "i1", "jwt": jwt},
		},
		"OIDC": {
			auth: v1alpha1.InfisicalAuth{OIDC: &v1alpha1.InfisicalTokenLogin{IdentityID: "i1", ServiceAccount: &account}},
			path: "/v1/auth/oidc-auth/login", body: map[string]string{"identityId": "i1", "jwt": jwt},
		},
		"OIDCOfSecret": {
			auth: v1alpha1.InfisicalAuth{OIDC: &v1alpha1.InfisicalTokenLogin{IdentityID: "i1", TokenRef: &keptAt}},
			path: "/v1/auth/oidc-auth/login", body: map[string]string{"identityId": "i1", "jwt": backendtest.Kept},
		},
		"JWT": {
			auth: v1alpha1.InfisicalAuth{JWT: &v1alpha1.InfisicalTokenLogin{IdentityID: "i1", TokenRef: &keptAt}},
			path: "/v1/auth/jwt-auth/login", body: map[string]string{"identityId": "i1", "jwt": backendtest.Kept},
		},
		"LDAP": {
			auth: v1alpha1.InfisicalAuth{LDAP: &v1alpha1.InfisicalLDAPAuth{IdentityID: "i1", Username: "robot", PasswordRef: keptAt}},
			path: "/v1/auth/ldap-auth/login", body: map[string]string{"identityId": "i1", "username": "robot", "password": backendtest.Kept},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			b := open(t, s, settings{spec: v1alpha1.InfisicalBackend{Auth: tc.auth}})
			want(t, readApp(t, b), "", "")
			got := s.Last(t, tc.path)
			if diff := cmp.Diff(tc.body, got.Body); diff != "" || got.Bearer() != "" || got.Method != http.MethodPost {
				t.Errorf("want no token and this body (-want +got):\n%s", diff)
			}
			if token := s.Last(t, list).Bearer(); token != "token-1" {
				t.Errorf("want the list read with the token of the login, got %q", token)
			}
			want(t, b.Close(t.Context()), "", "")
			if got := s.Last(t, "/v1/auth/token/revoke").Body["accessToken"]; got != "token-1" {
				t.Errorf("want the token revoked, got %q", got)
			}
		})
	}
	s := newStub()
	b := open(t, s, settings{spec: v1alpha1.InfisicalBackend{Auth: tokenMethod()}})
	want(t, readApp(t, b), "", "")
	want(t, b.Close(t.Context()), "", "")
	if got := s.Last(t, list).Bearer(); got != backendtest.Kept || s.Count("/v1/auth/token/revoke") != 0 {
		t.Errorf("want the token that was given used, and not revoked")
	}
}

// TestEmptyCredentialIsNeverSent: the SDK would take the operator's own in its place.
func TestEmptyCredentialIsNeverSent(t *testing.T) {
	s, k := newStub(), backendtest.NewCredentials()
	k.Set(" \n")
	b := open(t, s, settings{keeper: k})
	want(t, readApp(t, b), fault.InvalidSpec, "InvalidCredential")
	if s.Count(login) != 0 {
		t.Error("want no login without a credential")
	}
}

// TestLostTokens: another login is made when the token is refused, and for nothing else.
func TestLostTokens(t *testing.T) {
	cases := map[string]struct {
		status int
		kind   string
		logins int
		class  fault.Class
		reason string
	}{
		"Unauthorized":     {status: 401, kind: "UnauthorizedError", logins: 2, class: fault.Unavailable, reason: remote.ReasonTokenInvalid},
		"TokenError":       {status: 403, kind: errorToken, logins: 2, class: fault.Unavailable, reason: remote.ReasonTokenInvalid},
		"PermissionDenied": {status: 403, kind: "PermissionDenied", logins: 1, class: fault.Denied, reason: remote.ReasonPermissionDenied},
		"WrongRoute":       {status: 403, kind: "Forbidden access to /api/v4/secrets", logins: 1, class: fault.Denied, reason: remote.ReasonPermissionDenied},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			good := s.Handler(list)
			b := open(t, s, settings{})
			want(t, readApp(t, b), "", "")
			s.On(list, tc.status, failure(tc.status, tc.kind, "no"))
			want(t, readApp(t, b), tc.class, tc.reason)
			if got := s.Count(login); got != tc.logins {
				t.Errorf("want %d logins, got %d", tc.logins, got)
			}
			s.Handle(list, good)
			if tc.logins == 1 {
				want(t, readApp(t, b), "", "")
			}
		})
	}
}

// TestOneLostToken: what was refused once is read with the token of another login.
func TestOneLostToken(t *testing.T) {
	s := newStub()
	good := s.Handler(list)
	s.Handle(list, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer token-1" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, failure(403, errorToken, "Your token has expired."))
			return
		}
		good(w, r)
	})
	b := open(t, s, settings{spec: v1alpha1.InfisicalBackend{Auth: kubernetesMethod()}})
	want(t, readApp(t, b), "", "")
	all := s.Asked("/v1/auth/kubernetes-auth/login")
	if len(all) != 2 || all[0].Body["jwt"] == all[1].Body["jwt"] {
		t.Errorf("want two logins, each with a fresh token of the ServiceAccount, got %d", len(all))
	}
}

func TestLoginBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.grant(1000)
		b := open(t, s, settings{})
		want(t, readApp(t, b), "", "")
		pass(799 * time.Second)
		want(t, readApp(t, b), "", "")
		if got := s.Count(login); got != 1 {
			t.Fatalf("want one login before four fifths are over, got %d", got)
		}
		s.On(login, 500, failure(500, "InternalServerError", "down"))
		pass(time.Second)
		want(t, readApp(t, b), "", "")
		synctest.Wait()
		if got := s.Last(t, list).Bearer(); got != "token-1" || s.Count(login) != 2 {
			t.Errorf("want the old token to serve while there is no other, got %q", got)
		}
		s.Handle(login, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		pass(50 * time.Second)
		begin := time.Now()
		want(t, readApp(t, b), "", "")
		if got := s.Last(t, list).Bearer(); got != "token-1" || time.Since(begin) > 0 {
			t.Errorf("want no read to wait for a login that hangs, got %q after %s", got, time.Since(begin))
		}
		s.grant(1000)
		pass(50 * time.Second)
		want(t, readApp(t, b), "", "")
		synctest.Wait()
		want(t, readApp(t, b), "", "")
		if got := s.Last(t, list).Bearer(); got != "token-2" {
			t.Errorf("want another token before the end, got %q", got)
		}
		s.On(login, 500, failure(500, "InternalServerError", "down"))
		pass(1000 * time.Second)
		want(t, readApp(t, b), fault.Unavailable, remote.ReasonServerError)
	})
}

// TestRefusedCredentialsLockNobody: Infisical locks an identity after three wrong secrets
// within thirty seconds. Ten backends with one wrong secret show it less often.
func TestRefusedCredentialsLockNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k, p := newStub(), backendtest.NewCredentials(), New()
		var at []time.Time
		var mu sync.Mutex
		s.Handle(login, func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Now()) //nolint:forbidigo // Virtual time.
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, failure(401, "UnauthorizedError", "Invalid credentials"))
		})
		var backends []*infisical
		for range 10 {
			backends = append(backends, open(t, s, settings{provider: p, keeper: k}))
		}
		for range 30 * 60 / 5 {
			for _, b := range backends {
				want(t, readApp(t, b), fault.Denied, remote.ReasonLoginDenied)
			}
			pass(5 * time.Second)
		}
		for i := 2; i < len(at); i++ {
			if at[i].Sub(at[i-2]) <= 30*time.Second {
				t.Fatalf("want never three wrong secrets within 30 s, got them within %s", at[i].Sub(at[i-2]))
			}
		}
		if len(at) < 5 || len(at) > 20 {
			t.Errorf("want a growing pause, and to try again, in 30 minutes; got %d logins", len(at))
		}
		s.grant(3600)
		k.Set("another-secret")
		pass(time.Second)
		for _, b := range backends {
			want(t, readApp(t, b), "", "")
		}
	})
}

// TestLoginsOfOneAccountTakeTurns: backends that start together with wrong secrets of one
// identity, each with one of its own or all with the same, show two of them and not three.
func TestLoginsOfOneAccountTakeTurns(t *testing.T) {
	for name, secret := range map[string]func(int) string{
		"OneSecret": func(int) string { return "wrong" },
		"Different": func(i int) string { return fmt.Sprintf("wrong-%d", i) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := newStub(), New()
				var mu sync.Mutex
				var under, most int
				s.Handle(login, func(w http.ResponseWriter, _ *http.Request) {
					mu.Lock()
					under++
					most = max(most, under)
					mu.Unlock()
					<-time.After(time.Second)
					mu.Lock()
					under--
					mu.Unlock()
					w.WriteHeader(http.StatusUnauthorized)
					_, _ = io.WriteString(w, failure(401, "UnauthorizedError", "Invalid credentials"))
				})
				var done sync.WaitGroup
				for i := range 8 {
					k := backendtest.NewCredentials()
					k.Set(secret(i))
					b := open(t, s, settings{provider: p, keeper: k})
					done.Go(func() { want(t, readApp(t, b), fault.Denied, remote.ReasonLoginDenied) })
				}
				done.Wait()
				if got := s.Count(login); got > maxWrong || most != 1 {
					t.Errorf("want at most %d secrets shown, one at a time, got %d, %d at a time", maxWrong, got, most)
				}
			})
		})
	}
}

// TestTurnsAreForgotten: what was refused nothing is not remembered, and of the rest so much.
func TestTurnsAreForgotten(t *testing.T) {
	var ts turns
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 2 * maxRefusals {
		turn := ts.of(credential{1, byte(i), byte(i >> 8)})
		if err := turn.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			turn.note(begin.Add(time.Duration(i) * time.Millisecond))
		}
		turn.leave()
	}
	if got := len(ts.known); got != maxRefusals {
		t.Errorf("want those remembered that were refused, got %d", got)
	}
	for i := range maxRefusals {
		turn := ts.of(credential{2, byte(i), byte(i >> 8)})
		turn.note(begin.Add(time.Hour))
		turn.release()
	}
	if got := len(ts.known); got != maxRefusals {
		t.Errorf("want no more than %d remembered, got %d", maxRefusals, got)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	turn, other := ts.of(credential{3}), ts.of(credential{3})
	if err := turn.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := other.enter(ended); err == nil || turn.users != 1 {
		t.Errorf("want who gave up counted no more, got %v and %d users", err, turn.users)
	}
}

// TestManyLogins: a login leaves nothing behind.
func TestManyLogins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // It fails if a goroutine is left at its end.
		s := newStub()
		for range 1000 {
			b := open(t, s, settings{})
			want(t, readApp(t, b), "", "")
			want(t, b.Close(t.Context()), "", "")
		}
		if got := s.Count(login); got != 1000 {
			t.Errorf("want a login each, got %d", got)
		}
	})
}

// TestHangingLogin: a login that hangs ends with the time of a request, and whoever waits
// for it with their own.
func TestHangingLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.Handle(login, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		b := open(t, s, settings{})
		begin := time.Now() //nolint:forbidigo // Virtual time.
		want(t, readApp(t, b), fault.Unavailable, remote.ReasonTimeout)
		if took := time.Since(begin); took > v1alpha1.DefaultTimeout+time.Second { //nolint:forbidigo // Virtual time.
			t.Errorf("want an end after the timeout, got %s", took)
		}
	})
}

// TestReplacedToken: a probe takes the token that its Secret holds now.
func TestReplacedToken(t *testing.T) {
	s, k := newStub(), backendtest.NewCredentials()
	b := open(t, s, settings{spec: v1alpha1.InfisicalBackend{Auth: tokenMethod()}, keeper: k})
	want(t, readApp(t, b), "", "")
	k.Set("successor")
	want(t, b.Probe(t.Context()), "", "")
	want(t, readApp(t, b), "", "")
	if got := s.Last(t, list).Bearer(); got != "successor" {
		t.Errorf("want the new token, got another")
	}
	s.On(list, 401, failure(401, "UnauthorizedError", "revoked"))
	want(t, readApp(t, b), fault.Denied, remote.ReasonTokenInvalid)
}

// TestReviewerAway: that Infisical does not reach the API server says nothing of who logs in.
func TestReviewerAway(t *testing.T) {
	cases := map[string]struct {
		status int
		kind   string
		class  fault.Class
		reason string
	}{
		"Refused":  {status: 400, kind: "KubernetesConnectionRefused", class: fault.Unavailable, reason: remote.ReasonUnreachable},
		"Timeout":  {status: 400, kind: "KubernetesConnectionTimeout", class: fault.Unavailable, reason: remote.ReasonUnreachable},
		"Reviewer": {status: 401, kind: "KubernetesTokenReviewerForbidden", class: fault.Denied, reason: remote.ReasonLoginDenied},
		"Identity": {status: 400, kind: "BadRequest", class: fault.Denied, reason: remote.ReasonLoginDenied},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On("/v1/auth/kubernetes-auth/login", tc.status, failure(tc.status, tc.kind, "no"))
			b := open(t, s, settings{spec: v1alpha1.InfisicalBackend{Auth: kubernetesMethod()}})
			want(t, readApp(t, b), tc.class, tc.reason)
		})
	}
}
