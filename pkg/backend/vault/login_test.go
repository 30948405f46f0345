// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// counter counts logins by class, and keeps when credentials end.
type counter struct {
	mu     sync.Mutex
	logins map[fault.Class]int
	ends   map[backend.Credential]time.Time
}

func (c *counter) CredentialEnds(credential backend.Credential, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends == nil {
		c.ends = map[backend.Credential]time.Time{}
	}
	c.ends[credential] = at
}

func (c *counter) Login(class fault.Class, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logins == nil {
		c.logins = map[fault.Class]int{}
	}
	c.logins[class]++
}

func (c *counter) count(class fault.Class) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.logins[class]
}

func TestLogin(t *testing.T) {
	account := v1alpha1.ServiceAccountIdentity{Audience: "vault", ServiceAccountRef: &v1alpha1.LocalRef{Name: "robot"}}
	ref := v1alpha1.SecretKeyRef{Name: "login", Key: "value"}
	cases := map[string]struct {
		auth v1alpha1.VaultAuth
		path string
		body map[string]string
	}{
		"Kubernetes": {
			auth: kubernetesMethod(), path: "auth/kubernetes/login",
			body: map[string]string{"role": "app", "jwt": "jwt 1 of team/secretsync-auth for vault"},
		},
		"KubernetesAtAnotherMount": {
			auth: v1alpha1.VaultAuth{
				Mount:      "clusters/prod",
				Kubernetes: &v1alpha1.VaultKubernetesAuth{Role: "app", ServiceAccountIdentity: account},
			},
			path: "auth/clusters/prod/login",
			body: map[string]string{"role": "app", "jwt": "jwt 1 of team/robot for vault"},
		},
		"AppRole": {
			auth: appRoleMethod(), path: "auth/approle/login",
			body: map[string]string{"role_id": "role-id", "secret_id": backendtest.Kept},
		},
		"JWTOfServiceAccount": {
			auth: v1alpha1.VaultAuth{JWT: &v1alpha1.VaultJWTAuth{Role: "app", ServiceAccount: &account}},
			path: "auth/jwt/login", body: map[string]string{"role": "app", "jwt": "jwt 1 of team/robot for vault"},
		},
		"JWTOfSecret": {
			auth: v1alpha1.VaultAuth{JWT: &v1alpha1.VaultJWTAuth{TokenRef: &ref}},
			path: "auth/jwt/login", body: map[string]string{"jwt": backendtest.Kept},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.Handle("auth/clusters/prod/login", s.Handler("auth/kubernetes/login"))
			tc.auth.Namespace = "admin"
			v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Namespace: "admin/eng", Auth: tc.auth}})
			want(t, readApp(t, v), "", "")
			login := s.Last(t, tc.path)
			if login.Method != http.MethodPost || login.Header.Get("X-Vault-Namespace") != "admin" || login.Header.Get("X-Vault-Token") != "" {
				t.Errorf("want a login in its namespace and without a token, got %+v", login)
			}
			if len(login.Body) != len(tc.body) {
				t.Errorf("want %d members, got %d", len(tc.body), len(login.Body))
			}
			for name, value := range tc.body {
				if login.Body[name] != value {
					t.Errorf("member %q: want %q, got %q", name, value, login.Body[name])
				}
			}
			if read := s.Last(t, "secret/data/app"); read.Header.Get("X-Vault-Namespace") != "admin/eng" || read.Header.Get("X-Vault-Token") != "token-1" {
				t.Errorf("want the read in its own namespace with the token, got %+v", read)
			}
		})
	}
}

func TestConfiguredToken(t *testing.T) {
	s, c := newStub(), backendtest.NewCredentials()
	c.Set("  " + backendtest.Kept + "\n")
	v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Auth: tokenMethod()}, credentials: c})
	want(t, readApp(t, v), "", "")
	if got := s.Last(t, "secret/data/app").Header.Get("X-Vault-Token"); got != backendtest.Kept {
		t.Errorf("want the token without the white space around it, got %d bytes", len(got))
	}
	if err := v.Close(t.Context()); err != nil || s.Count("auth/token/revoke-self") != 0 {
		t.Errorf("want a configured token left alone, got %d revocations, %v", s.Count("auth/token/revoke-self"), err)
	}
}

func TestCredentialsThatCannotBe(t *testing.T) {
	for name, value := range map[string]string{"Empty": " \n", "TwoLines": backendtest.Kept + "\n" + backendtest.Kept, "NotASCII": backendtest.Kept + "é"} {
		t.Run(name, func(t *testing.T) {
			c := backendtest.NewCredentials()
			c.Set(value)
			v := newVault(t, newStub(), settings{spec: v1alpha1.VaultBackend{Auth: tokenMethod()}, credentials: c})
			want(t, readApp(t, v), fault.InvalidSpec, "InvalidCredential")
		})
	}
}

func TestLoginRefused(t *testing.T) {
	said := func(text string) string { return `{"errors":[` + backendtest.Text(text+" "+backendtest.Kept) + `]}` }
	jwt := v1alpha1.VaultAuth{JWT: &v1alpha1.VaultJWTAuth{Role: "app", TokenRef: &v1alpha1.SecretKeyRef{Name: "login", Key: "value"}}}
	cases := map[string]struct {
		auth    v1alpha1.VaultAuth
		status  int
		body    string
		header  string
		class   fault.Class
		because string
		mention string
	}{
		"NoSuchRole":     {auth: kubernetesMethod(), status: 400, body: said("invalid role name"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: `no role "app"`},
		"OtherAccount":   {auth: kubernetesMethod(), status: 403, body: said("service account name not authorized"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: "bound_service_account_names"},
		"OtherNamespace": {auth: kubernetesMethod(), status: 403, body: said("namespace not authorized"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: "bound_service_account_namespaces"},
		"OtherAudience":  {auth: kubernetesMethod(), status: 403, body: said("invalid audience (aud) claim"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: `"vault"`},
		"Forbidden":      {auth: kubernetesMethod(), status: 403, body: denial, class: fault.Denied, because: remote.ReasonLoginDenied, mention: "review tokens"},
		"NoMount":        {auth: kubernetesMethod(), status: 404, body: noRoute, class: fault.Denied, because: remote.ReasonLoginDenied, mention: `no auth method is mounted at "kubernetes"`},
		"SecretID":       {auth: appRoleMethod(), status: 400, body: said("invalid secret_id"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: "secret ID"},
		"JWTRole":        {auth: jwt, status: 400, body: said(`role "app" could not be found`), class: fault.Denied, because: remote.ReasonLoginDenied, mention: "no such role"},
		"JWTAudience":    {auth: jwt, status: 400, body: said("error validating token: invalid audience (aud) claim"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: "bound_audiences"},
		"JWTExpired":     {auth: jwt, status: 400, body: said("error validating token: expired"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: "has expired"},
		"JWTClaims":      {auth: jwt, status: 400, body: said("error validating claims: sub"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: "claims"},
		"JWTSignature":   {auth: jwt, status: 400, body: said("error validating token: no known key"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: "signing key"},
		"JWTOther":       {auth: jwt, status: 400, body: said("something else"), class: fault.Denied, because: remote.ReasonLoginDenied, mention: "check the role"},
		"SecondFactor":   {auth: kubernetesMethod(), status: 200, body: `{"auth":{"mfa_requirement":{"mfa_request_id":"1"}}}`, class: fault.Denied, because: remote.ReasonLoginDenied, mention: "second factor"},
		"NoToken":        {auth: kubernetesMethod(), status: 200, body: `{"auth":{}}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"NoAuth":         {auth: kubernetesMethod(), status: 200, body: `{"data":{"` + backendtest.Kept + `":1}}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"HTML":           {auth: kubernetesMethod(), status: 200, body: "<html>" + backendtest.Kept, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"Large":          {auth: kubernetesMethod(), status: 200, body: strings.Repeat(" ", maxBody) + `{"auth":{"client_token":"t"}}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"Sealed":         {auth: kubernetesMethod(), status: 503, body: `{"errors":["Vault is sealed"]}`, class: fault.Unavailable, because: ReasonSealed},
		"Throttled":      {auth: kubernetesMethod(), status: 429, body: said("rate limit"), header: "90", class: fault.Throttled, because: remote.ReasonThrottled},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s, o := newStub(), &counter{}
			for _, mount := range []string{"kubernetes", "approle", "jwt"} {
				s.On("auth/"+mount+"/login", tc.status, tc.body, "Retry-After", tc.header)
			}
			err := readApp(t, newVault(t, s, settings{spec: v1alpha1.VaultBackend{Auth: tc.auth}, observer: o}))
			want(t, err, tc.class, tc.because)
			if !strings.Contains(fault.As(err).Message, tc.mention) {
				t.Errorf("want a message with %q, got %q", tc.mention, err)
			}
			if o.count(tc.class) != 1 {
				t.Errorf("want one login observed of class %s, got %v", tc.class, o.logins)
			}
		})
	}
}

func TestManyReadersLogInOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, o := newStub(), &counter{}
		grant := s.Handler("auth/kubernetes/login")
		s.Handle("auth/kubernetes/login", func(w http.ResponseWriter, r *http.Request) {
			pass(time.Second)
			grant(w, r)
		})
		v := newVault(t, s, settings{observer: o})
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error)
		go func() {
			_, err := v.Read(ctx, ref(t, "app", ""))
			first <- err
		}()
		synctest.Wait()
		var group sync.WaitGroup
		for range 1000 {
			group.Go(func() { want(t, readApp(t, v), "", "") })
		}
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("want the one who gave up to fail alone, got %v", err)
		}
		group.Wait()
		if got := s.Count("auth/kubernetes/login"); got != 1 || o.count("") != 1 {
			t.Errorf("want one login for all, got %d", got)
		}
	})
}

func TestFailingLoginsArePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.On("auth/kubernetes/login", 403, denial)
		v := newVault(t, s, settings{})
		for range 10 * 60 {
			err := readApp(t, v)
			want(t, err, fault.Denied, remote.ReasonLoginDenied)
			if after := fault.RetryAfter(err); after > time.Minute {
				t.Errorf("want no pause longer than a minute, got %s", after)
			}
			pass(time.Second)
		}
		if got := s.Count("auth/kubernetes/login"); got < 10 || got > 25 {
			t.Errorf("want a login a minute in the end, so 10 to 25 in ten minutes, got %d", got)
		}
		s.login(60, true)
		pass(time.Minute)
		want(t, readApp(t, v), "", "")
	})
}

func TestPauseOfAFailedLoginIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.On("auth/kubernetes/login", 503, `{"errors":["Vault is sealed"]}`)
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), fault.Unavailable, ReasonSealed)
		s.login(60, true)
		pass(2 * time.Second)
		want(t, readApp(t, v), "", "")
	})
}

func TestRetryAfterOfALoginIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.On("auth/kubernetes/login", 429, `{"errors":["slow down"]}`, "Retry-After", "300")
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), fault.Throttled, remote.ReasonThrottled)
		pass(299 * time.Second)
		err := readApp(t, v)
		want(t, err, fault.Throttled, remote.ReasonThrottled)
		if got := fault.RetryAfter(err); got <= 0 || got > time.Second {
			t.Errorf("want what is left of the wait, got %s", got)
		}
		if got := s.Count("auth/kubernetes/login"); got != 1 {
			t.Errorf("want no login before Vault wants one, got %d", got)
		}
	})
}

func TestChangedCredentialEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newStub(), backendtest.NewCredentials()
		grant := s.Handler("auth/approle/login")
		s.On("auth/approle/login", 400, `{"errors":["invalid role or secret ID"]}`)
		v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Auth: appRoleMethod()}, credentials: c})
		for range 5 * 60 { // The pause grows long.
			want(t, readApp(t, v), fault.Denied, remote.ReasonLoginDenied)
			pass(time.Second)
		}
		logins := s.Count("auth/approle/login")
		s.Handle("auth/approle/login", grant)
		c.Set("rotated")
		pass(time.Second)
		want(t, readApp(t, v), "", "")
		if got := s.Count("auth/approle/login") - logins; got != 1 {
			t.Errorf("want one login with the new credential, got %d", got)
		}
		if got := s.Last(t, "auth/approle/login").Body["secret_id"]; got != "rotated" {
			t.Errorf("want the new credential sent, got %q", got)
		}
	})
}

func TestCredentialIsNotReadForEveryRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newStub(), backendtest.NewCredentials()
		s.On("auth/approle/login", 400, `{"errors":["invalid role or secret ID"]}`)
		v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Auth: appRoleMethod()}, credentials: c})
		for range 100 {
			want(t, readApp(t, v), fault.Denied, remote.ReasonLoginDenied)
		}
		if got := c.Count(); got != 1 {
			t.Errorf("want the credential read once, got %d", got)
		}
	})
}

func TestMissingCredential(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newStub(), backendtest.NewCredentials()
		c.Remove()
		v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Auth: appRoleMethod()}, credentials: c})
		want(t, readApp(t, v), fault.InvalidSpec, "CredentialNotFound")
		c.Set(backendtest.Kept)
		pass(time.Second)
		want(t, readApp(t, v), "", "")
	})
}

func TestCredentialSourceThatFails(t *testing.T) {
	c := backendtest.NewCredentials()
	c.Fail(errors.New("boom"))
	v := newVault(t, newStub(), settings{credentials: c})
	want(t, readApp(t, v), fault.Unavailable, remote.ReasonUnreachable)
}
