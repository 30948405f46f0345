// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func TestLostTokenCausesOneLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), "", "")
		s.revokeAll()
		var group sync.WaitGroup
		for range 100 {
			group.Go(func() { want(t, readApp(t, v), "", "") })
		}
		group.Wait()
		if got := s.Count("auth/kubernetes/login"); got != 2 {
			t.Errorf("want one more login, got %d", got-1)
		}
	})
}

func TestDeniedPathCausesNoLogin(t *testing.T) {
	s := newStub()
	s.On("secret/data/app", 403, denial)
	v := newVault(t, s, settings{})
	for range 5 {
		want(t, readApp(t, v), fault.Denied, remote.ReasonPermissionDenied)
	}
	if got := s.Count("auth/kubernetes/login"); got != 1 {
		t.Errorf("want the one login of the beginning, got %d", got)
	}
}

func TestUndecidedTokenIsNotReplaced(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		reason string
	}{
		"Sealed":      {status: 503, body: `{"errors":["Vault is sealed"]}`, reason: ReasonSealed},
		"HTML":        {status: 403, body: "<html>", reason: remote.ReasonUnreadableAnswer},
		"ServerError": {status: 500, body: "{}", reason: remote.ReasonServerError},
		"NotFound":    {status: 404, body: absent, reason: remote.ReasonServerError},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			v := newVault(t, s, settings{})
			want(t, readApp(t, v), "", "")
			s.On("secret/data/app", 403, denial)
			s.On("auth/token/lookup-self", tc.status, tc.body)
			want(t, readApp(t, v), fault.Unavailable, tc.reason)
			if got := s.Count("auth/kubernetes/login"); got != 1 {
				t.Errorf("want no login while it is not known whether the token is good, got %d", got-1)
			}
		})
	}
}

func TestVaultThatForgetsTokensCausesNoLoginStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		v := newVault(t, s, settings{})
		s.Handle("secret/data/app", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(badToken))
		})
		s.On("auth/token/lookup-self", 403, badToken)
		for range 10 * 60 {
			if err := readApp(t, v); err == nil {
				t.Fatal("want no value")
			}
			pass(time.Second)
		}
		if got := s.Count("auth/kubernetes/login"); got > 60 {
			t.Errorf("want logins far apart, got %d in ten minutes", got)
		}
	})
}

func TestTokenThatCannotLookItselfUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.On("auth/token/lookup-self", 403, denial)
		s.On("secret/data/app", 403, denial)
		v := newVault(t, s, settings{})
		for range 10 * 60 {
			want(t, readApp(t, v), fault.Denied, remote.ReasonPermissionDenied)
			pass(time.Second)
		}
		if got := s.Count("auth/kubernetes/login"); got > 10 {
			t.Errorf("want a login a minute at most, got %d in ten minutes", got)
		}
	})
}

func TestLostTokenOfAServerThatSaysNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), "", "")
		read := s.Handler("secret/data/app")
		s.Handle("secret/data/app", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Vault-Token") != "token-1" {
				read(w, r)
				return
			}
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(denial))
		})
		s.On("auth/token/lookup-self", 403, denial)
		pass(trustedFor)
		want(t, readApp(t, v), "", "")
		if got := s.Count("auth/kubernetes/login"); got != 2 {
			t.Errorf("want one more login, got %d", got-1)
		}
	})
}

func TestTokensLostNowAndThenAreNotPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		v := newVault(t, s, settings{})
		for range 5 {
			want(t, readApp(t, v), "", "")
			s.revokeAll() // At once: the first such loss in a row costs no pause.
			want(t, readApp(t, v), "", "")
			pass(10 * time.Second)
			s.revokeAll()
			want(t, readApp(t, v), "", "")
			pass(10 * time.Second)
			s.revokeAll()
		}
	})
}

func TestConfiguredTokenThatIsRotated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newStub(), backendtest.NewCredentials()
		s.tokens = map[string]bool{backendtest.Kept: true}
		v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Auth: tokenMethod()}, credentials: c})
		want(t, readApp(t, v), "", "")

		s.tokens = map[string]bool{"rotated": true}
		want(t, readApp(t, v), fault.Denied, remote.ReasonTokenInvalid)
		want(t, v.Probe(t.Context()), fault.Denied, remote.ReasonTokenInvalid)
		c.Set("rotated")
		pass(time.Second)
		want(t, readApp(t, v), "", "")

		s.tokens = map[string]bool{"third": true}
		c.Set("third")
		want(t, readApp(t, v), "", "")
	})
}

func TestConfiguredTokenThatCannotLookItselfUp(t *testing.T) {
	s, c := newStub(), backendtest.NewCredentials()
	s.On("auth/token/lookup-self", 403, denial)
	v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Auth: tokenMethod()}, credentials: c})
	want(t, v.Probe(t.Context()), "", "")
	s.On("secret/data/app", 403, denial)
	want(t, readApp(t, v), fault.Denied, remote.ReasonPermissionDenied)
	c.Set("rotated")
	s.Handle("secret/data/app", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Vault-Token") != "rotated" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(denial))
			return
		}
		_, _ = w.Write([]byte(kv2Body("{}", 1)))
	})
	want(t, readApp(t, v), "", "")
	s.On("secret/data/app", 403, denial)
	c.Fail(fault.New(fault.Unavailable, "Boom", "no answer"))
	want(t, readApp(t, v), fault.Unavailable, "Boom")
}

func TestLookupsOfTwoTokensAreTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.Handle("auth/token/lookup-self", func(w http.ResponseWriter, r *http.Request) {
			pass(time.Second)
			if r.Header.Get("X-Vault-Token") == "bad" {
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(badToken))
				return
			}
			_, _ = w.Write([]byte("{}"))
		})
		id := newVault(t, s, settings{}).identity
		var group sync.WaitGroup
		for token, accepted := range map[string]bool{"good": true, "bad": false} {
			asked := &session{token: sensitive.FromString(token), ours: true}
			for range 10 {
				group.Go(func() {
					if got, err := id.accepted(t.Context(), asked); err != nil || got != accepted {
						t.Errorf("%s: want accepted %t, got %t, %v", token, accepted, got, err)
					}
				})
			}
		}
		group.Wait()
		if got := s.Count("auth/token/lookup-self"); got != 2 {
			t.Errorf("want one lookup for each token, got %d", got)
		}
	})
}

func TestProbe(t *testing.T) {
	s := newStub()
	v := newVault(t, s, settings{})
	for range 2 {
		want(t, v.Probe(t.Context()), "", "")
	}
	if logins, lookups := s.Count("auth/kubernetes/login"), s.Count("auth/token/lookup-self"); logins != 1 || lookups != 1 {
		t.Errorf("want a login, and a lookup only for the second probe, got %d and %d", logins, lookups)
	}
	s.revokeAll()
	want(t, v.Probe(t.Context()), "", "")
	s.On("auth/token/lookup-self", 404, absent)
	want(t, v.Probe(t.Context()), fault.Unavailable, remote.ReasonServerError)
	s.On("auth/token/lookup-self", 503, `{"errors":["Vault is sealed"]}`)
	want(t, v.Probe(t.Context()), fault.Unavailable, ReasonSealed)
}
