// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestTokenIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.login(60, true)
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), "", "")
		pass(39 * time.Second)
		if got := s.Count("auth/token/renew-self"); got != 0 {
			t.Errorf("want no renewal before two thirds of the life, got %d", got)
		}
		pass(2 * time.Second)
		if got := s.Count("auth/token/renew-self"); got != 1 {
			t.Errorf("want a renewal at two thirds of the life, got %d", got)
		}
		pass(time.Hour)
		want(t, readApp(t, v), "", "")
		if got := s.Count("auth/kubernetes/login"); got != 1 {
			t.Errorf("want one login in an hour, got %d", got)
		}
		if got := s.Count("auth/token/renew-self"); got < 85 || got > 95 {
			t.Errorf("want a renewal each 40 seconds, got %d in an hour", got)
		}
	})
}

// TestRenewalsAreBounded, whatever life a server gives a token.
func TestRenewalsAreBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		reason   string
		lifetime string
		most     int
	}{
		"ForEver":  {reason: "there is nothing to renew any more", lifetime: "0", most: 1},
		"Negative": {reason: "as if it were for ever", lifetime: "-5", most: 1},
		"Endless":  {reason: "the time overflows", lifetime: "9223372036854775807", most: 1},
		"Instant":  {reason: "once a second is enough", lifetime: "1", most: 61},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStub()
				s.login(2, true)
				s.On("auth/token/renew-self", 200, `{"auth":{"client_token":"token-1","lease_duration":`+tc.lifetime+`,"renewable":true}}`)
				v := newVault(t, s, settings{})
				want(t, readApp(t, v), "", "")
				pass(time.Minute)
				if got := s.Count("auth/token/renew-self"); got < 1 || got > tc.most {
					t.Errorf("%s: want at most %d renewals in a minute, got %d", tc.reason, tc.most, got)
				}
			})
		})
	}
}

func TestTokenThatCannotBeRenewedIsReplaced(t *testing.T) {
	for name, prepare := range map[string]func(*stub){
		"NotRenewable": func(s *stub) { s.login(60, false) },
		"Refused": func(s *stub) {
			s.login(60, true)
			s.On("auth/token/renew-self", 400, `{"errors":["lease is not renewable"]}`)
		},
		"MaximumIsNear": func(s *stub) {
			s.login(60, true)
			s.On("auth/token/renew-self", 200, `{"auth":{"client_token":"token-1","lease_duration":20,"renewable":true}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStub()
				prepare(s)
				v := newVault(t, s, settings{})
				want(t, readApp(t, v), "", "")
				pass(41 * time.Second)
				if got := s.Count("auth/kubernetes/login"); got != 2 {
					t.Fatalf("want another login before the token ends, got %d", got)
				}
				want(t, readApp(t, v), "", "")
				if got := s.Last(t, "secret/data/app").Header.Get("X-Vault-Token"); got != "token-2" {
					t.Errorf("want the new token used, got %q", got)
				}
				if got := s.Last(t, "auth/token/revoke-self").Header.Get("X-Vault-Token"); got != "token-1" {
					t.Errorf("want the old token revoked, got %q", got)
				}
				pass(40 * time.Second)
				if got := s.Count("auth/kubernetes/login"); got != 3 {
					t.Errorf("want the new token kept alive too, got %d logins", got)
				}
			})
		})
	}
}

func TestRenewalSurvivesAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.login(60, true)
		renew := s.Handler("auth/token/renew-self")
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), "", "")
		s.On("auth/token/renew-self", 503, `{"errors":["Vault is sealed"]}`)
		pass(45 * time.Second)
		s.Handle("auth/token/renew-self", renew)
		pass(time.Hour)
		want(t, readApp(t, v), "", "")
		if got := s.Count("auth/kubernetes/login"); got != 1 {
			t.Errorf("want the token renewed after the outage, got %d logins", got)
		}
	})
}

func TestLongOutageEndsTheTokenAndOneLoginFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.login(60, true)
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), "", "")
		for _, path := range []string{"auth/token/renew-self", "auth/kubernetes/login"} {
			s.On(path, 503, `{"errors":["Vault is sealed"]}`)
		}
		pass(time.Hour)
		if got := s.Count("auth/token/renew-self"); got > 10 {
			t.Errorf("want few tries, and none for a token that is over, got %d", got)
		}
		want(t, readApp(t, v), fault.Unavailable, ReasonSealed)
		before := s.Count("auth/kubernetes/login")
		s.login(60, true)
		pass(2 * time.Second)
		want(t, readApp(t, v), "", "")
		if got := s.Count("auth/kubernetes/login") - before; got != 1 {
			t.Errorf("want one login, got %d", got)
		}
	})
}

func TestTokenWithoutAnEndIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.login(0, false)
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), "", "")
		pass(1000 * time.Hour)
		want(t, readApp(t, v), "", "")
		if logins, renewals := s.Count("auth/kubernetes/login"), s.Count("auth/token/renew-self"); logins != 1 || renewals != 0 {
			t.Errorf("want one login and no renewal, got %d and %d", logins, renewals)
		}
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), "", "")
		for range 2 {
			want(t, v.Close(t.Context()), "", "")
		}
		if got := s.Count("auth/token/revoke-self"); got != 1 || s.Last(t, "auth/token/revoke-self").Header.Get("X-Vault-Token") != "token-1" {
			t.Errorf("want our token revoked once, got %d", got)
		}
		want(t, readApp(t, v), fault.Unavailable, remote.ReasonClosed)
		want(t, v.Probe(t.Context()), fault.Unavailable, remote.ReasonClosed)
	})
}

func TestCloseEndsALoginUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.Handle("auth/kubernetes/login", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		v := newVault(t, s, settings{})
		waiting := make(chan error)
		go func() { waiting <- readApp(t, v) }()
		synctest.Wait()
		want(t, v.Close(t.Context()), "", "")
		want(t, <-waiting, fault.Unavailable, remote.ReasonClosed)
	})
}

func TestCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), "", "")
		s.Handle("auth/token/revoke-self", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		want(t, v.Close(ctx), fault.Unavailable, remote.ReasonTimeout)
	})
}
