// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/store"
)

// world is a registry with one identity, whose clock stands still until a test moves it.
type world struct {
	*access.Registry

	clock            *clocktesting.FakeClock
	id               string
	clientID, secret string
}

// tester is what the tests and the properties have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func newWorld(t tester, rules access.Rules, policy access.Policy) *world {
	t.Helper()
	w := &world{clock: clocktesting.NewFakeClock(time.Date(2026, 8, 1, 9, 30, 0, 0, time.UTC))}
	w.Registry = access.NewRegistry(w.clock, rules)
	w.id = w.Create("reader", "org", "no-access").ID
	var err error
	if w.clientID, err = w.AllowUniversal(w.id, policy, access.DefaultLockout()); err != nil {
		t.Fatal(err)
	}
	_, w.secret = w.newSecret(t, 0, 0)
	return w
}

func (w *world) newSecret(t tester, ttl, uses int64) (id, text string) {
	t.Helper()
	made, text, err := w.CreateSecret(w.id, "", ttl, uses)
	if err != nil {
		t.Fatal(err)
	}
	return made.ID, text
}

func (w *world) login(t tester) access.Grant {
	t.Helper()
	grant, err := w.LoginUniversal(w.clientID, w.secret)
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

func (w *world) after(seconds int64) { w.clock.Step(time.Duration(seconds) * time.Second) }

// is compares a refusal with its status, name and the beginning of its text; 0 is no refusal.
func is(t *testing.T, err error, status int, name, text string) {
	t.Helper()
	if status == 0 {
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	var refused *store.Error
	if !errors.As(err, &refused) || refused.Status != status || refused.Name != name || !strings.HasPrefix(refused.Message, text) {
		t.Fatalf("%v, want %d %s: %s", err, status, name, text)
	}
}

func TestExpiry(t *testing.T) {
	policy := access.Policy{TTL: 60, MaxTTL: 100}
	for name, tc := range map[string]struct {
		rules  access.Rules
		status int
		name   string
	}{
		"New":     {status: 403, name: "TokenError"},
		"Old":     {rules: access.Rules{TokensAreRows: true}, status: 403, name: "TokenError"},
		"Planned": {rules: access.Rules{ExpiredIs401: true}, status: 401, name: "UnauthorizedError"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.rules, policy)
			grant := w.login(t)
			if grant.ExpiresIn != 60 || grant.MaxTTL != 100 || grant.TokenType != "Bearer" {
				t.Errorf("granted %+v", grant)
			}
			w.after(60)
			caller, err := w.Authenticate(grant.AccessToken)
			is(t, err, 0, "", "")
			if caller.ID != w.id || caller.User || caller.Admin {
				t.Errorf("caller %+v", caller)
			}
			w.after(1)
			_, err = w.Authenticate(grant.AccessToken)
			is(t, err, tc.status, tc.name, "Your token has expired.")
		})
	}
}

func TestTokensThatDoNotVerify(t *testing.T) {
	w := newWorld(t, access.Rules{}, access.Policy{TTL: 60, MaxTTL: 60})
	token := w.login(t).AccessToken
	foreign := newWorld(t, access.Rules{}, access.Policy{TTL: 60, MaxTTL: 60}).login(t).AccessToken
	for name, tc := range map[string]struct{ token, text string }{
		"Empty":   {"", "The provided access token is malformed."},
		"NoJWT":   {"abc", "The provided access token is malformed."},
		"Foreign": {foreign, "invalid signature"},
		"Changed": {token[:len(token)-6] + "AAAAAA", "invalid signature"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Authenticate(tc.token)
			is(t, err, 403, "TokenError", tc.text)
			_, err = w.Renew(tc.token)
			is(t, err, 403, "TokenError", tc.text)
		})
	}
}

func TestRenewNew(t *testing.T) {
	w := newWorld(t, access.Rules{}, access.Policy{TTL: 60, MaxTTL: 100})
	first := w.login(t)
	w.after(50)
	second, err := w.Renew(first.AccessToken)
	is(t, err, 0, "", "")
	if second.ExpiresIn != 50 {
		t.Errorf("of 100 s, 50 are left: %+v", second)
	}
	_, err = w.Authenticate(first.AccessToken)
	is(t, err, 0, "", "") // until its own end
	w.after(50)
	_, err = w.Renew(second.AccessToken)
	is(t, err, 401, "UnauthorizedError", "Failed to authorize")
}

func TestRenewOld(t *testing.T) {
	w := newWorld(t, access.Rules{TokensAreRows: true}, access.Policy{TTL: 60, MaxTTL: 100})
	first := w.login(t)
	w.after(30)
	second, err := w.Renew(first.AccessToken)
	is(t, err, 0, "", "")
	if second.ExpiresIn != 60 {
		t.Errorf("renewed %+v", second)
	}
	w.after(20)
	_, err = w.Renew(second.AccessToken)
	is(t, err, 401, "UnauthorizedError", "Failed to renew MI access token past its Max TTL expiration")
	// The token had 40 s to live, but its row is gone.
	_, err = w.Authenticate(second.AccessToken)
	is(t, err, 401, "UnauthorizedError", "No identity access token found")
}

func TestPeriodicToken(t *testing.T) {
	for name, rules := range map[string]access.Rules{"New": {}, "Old": {TokensAreRows: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, rules, access.Policy{TTL: 60, MaxTTL: 60, Period: 30})
			grant := w.login(t)
			for range 10 {
				if grant.ExpiresIn != 30 || grant.MaxTTL != 1_000_000_000 {
					t.Fatalf("granted %+v", grant)
				}
				w.after(20)
				var err error
				grant, err = w.Renew(grant.AccessToken)
				is(t, err, 0, "", "")
			}
		})
	}
}

// TestRenewalsEnd: however often it is renewed, a new token is dead after its longest life.
func TestRenewalsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		maxTTL := rapid.Int64Range(10, 60).Draw(t, "max TTL")
		w := newWorld(t, access.Rules{}, access.Policy{TTL: rapid.Int64Range(5, maxTTL).Draw(t, "TTL"), MaxTTL: maxTTL})
		grant := w.login(t)
		begin := w.clock.Now()
		for {
			w.after(rapid.Int64Range(1, grant.ExpiresIn).Draw(t, "wait"))
			renewed, err := w.Renew(grant.AccessToken)
			if err != nil {
				break
			}
			grant = renewed
			if end := w.clock.Now().Add(time.Duration(grant.ExpiresIn) * time.Second); end.After(begin.Add(time.Duration(maxTTL) * time.Second)) {
				t.Fatalf("lives until %s after its beginning, at most %d s", end.Sub(begin), maxTTL)
			}
		}
		w.after(maxTTL)
		if _, err := w.Authenticate(grant.AccessToken); err == nil {
			t.Fatal("a token outlived its longest life")
		}
	})
}

func TestUsesLimit(t *testing.T) {
	w := newWorld(t, access.Rules{}, access.Policy{TTL: 60, MaxTTL: 60, UsesLimit: 2})
	token := w.login(t).AccessToken
	for range 2 {
		_, err := w.Authenticate(token)
		is(t, err, 0, "", "")
	}
	_, err := w.Authenticate(token)
	is(t, err, 401, "UnauthorizedError", "Failed to authorize")
	_, err = w.Renew(token)
	is(t, err, 401, "UnauthorizedError", "Cannot renew exhausted access token")
	_, err = w.Authenticate(w.login(t).AccessToken)
	is(t, err, 0, "", "")
}

func TestRevocation(t *testing.T) {
	policy := access.Policy{TTL: 60, MaxTTL: 60}
	for name, tc := range map[string]struct {
		end  func(w *world, token string) error
		text string
	}{
		"Token":    {func(w *world, token string) error { return w.Revoke(token) }, "Failed to authorize revoked access token"},
		"All":      {func(w *world, _ string) error { w.RevokeAll(w.id); return nil }, "Failed to authorize revoked access token"},
		"Identity": {func(w *world, _ string) error { _, err := w.Delete(w.id); return err }, "No identity access token found"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, access.Rules{}, policy)
			token := w.login(t).AccessToken
			is(t, tc.end(w, token), 0, "", "")
			_, err := w.Authenticate(token)
			is(t, err, 401, "UnauthorizedError", tc.text)
			is(t, w.Revoke(token), 401, "UnauthorizedError", tc.text)
		})
	}
	t.Run("ClientSecret", func(t *testing.T) {
		w := newWorld(t, access.Rules{}, policy)
		kept := w.login(t).AccessToken
		id, text := w.newSecret(t, 0, 0)
		grant, err := w.LoginUniversal(w.clientID, text)
		is(t, err, 0, "", "")
		_, err = w.RevokeSecret(w.id, id)
		is(t, err, 0, "", "")
		_, err = w.Authenticate(grant.AccessToken)
		is(t, err, 401, "UnauthorizedError", "Failed to authorize revoked access token")
		_, err = w.Authenticate(kept)
		is(t, err, 0, "", "")
		_, err = w.LoginUniversal(w.clientID, text)
		is(t, err, 401, "UnauthorizedError", "Invalid credentials")
	})
}

func TestClientSecretsEnd(t *testing.T) {
	w := newWorld(t, access.Rules{}, access.Policy{TTL: 60, MaxTTL: 60})
	_, short := w.newSecret(t, 10, 0)
	_, few := w.newSecret(t, 0, 1)
	for _, text := range []string{short, few} {
		_, err := w.LoginUniversal(w.clientID, text)
		is(t, err, 0, "", "")
	}
	w.after(10)
	_, err := w.LoginUniversal(w.clientID, short)
	is(t, err, 401, "UnauthorizedError", "Access denied due to expired client secret")
	_, err = w.LoginUniversal(w.clientID, few)
	is(t, err, 401, "UnauthorizedError", "Access denied due to client secret usage limit reached")
}

func TestLockout(t *testing.T) {
	w := newWorld(t, access.Rules{}, access.Policy{TTL: 60, MaxTTL: 60})
	wrong := func(text string) {
		t.Helper()
		_, err := w.LoginUniversal(w.clientID, "wrong")
		is(t, err, 401, "UnauthorizedError", text)
	}
	const invalid, locked = "Invalid credentials", "This identity auth method is temporarily locked"
	wrong(invalid)
	wrong(invalid)
	w.after(30) // the window has passed
	wrong(invalid)
	wrong(invalid)
	w.login(t) // a right secret forgives
	wrong(invalid)
	wrong(invalid)
	wrong(invalid)
	wrong(locked)
	_, err := w.LoginUniversal(w.clientID, w.secret)
	is(t, err, 401, "UnauthorizedError", locked) // for everybody
	w.after(299)
	wrong(locked)
	w.after(1)
	w.login(t)

	for range 3 {
		wrong(invalid)
	}
	is(t, w.Unlock(w.id), 0, "", "")
	w.login(t)
	_, err = w.LoginUniversal("nobody", w.secret)
	is(t, err, 401, "UnauthorizedError", invalid)
}

func TestUsers(t *testing.T) {
	w := newWorld(t, access.Rules{}, access.Policy{})
	if w.HasUsers() {
		t.Error("a person before any was made")
	}
	made := w.CreateUser("jane@example.test", "right", "org")
	_, err := w.LoginUser("jane@example.test", "wrong")
	is(t, err, 401, "UnauthorizedError", "Invalid credentials")
	token, err := w.LoginUser("jane@example.test", "right")
	is(t, err, 0, "", "")
	caller, err := w.Authenticate(token)
	is(t, err, 0, "", "")
	if caller.ID != made.ID || !caller.User || !w.HasUsers() {
		t.Errorf("caller %+v", caller)
	}
}

func TestZeroTTLIsTheServersLongest(t *testing.T) {
	w := newWorld(t, access.Rules{}, access.Policy{})
	if grant := w.login(t); grant.ExpiresIn != 7_776_000 {
		t.Errorf("granted %+v", grant)
	}
}

func TestSettingsAndRoles(t *testing.T) {
	w := newWorld(t, access.Rules{}, access.Policy{})
	for _, id := range []string{w.id, "nobody"} {
		_, err := w.Settings(id, access.OIDC)
		is(t, err, 404, "NotFound", "oidc-auth method not found")
	}
	is(t, w.Allow(w.id, access.OIDC, access.Policy{TTL: 5, MaxTTL: 5}, "settings"), 0, "", "")
	settings, err := w.Settings(w.id, access.OIDC)
	is(t, err, 0, "", "")
	grant, err := w.Login(w.id, access.OIDC)
	is(t, err, 0, "", "")
	if settings != "settings" || grant.ExpiresIn != 5 {
		t.Errorf("settings %v, granted %+v", settings, grant)
	}
	is(t, w.SetRoles(w.id, "p", []string{"viewer"}), 0, "", "")
	if roles, member := w.Roles(w.id, "p"); !member || len(roles) != 1 {
		t.Errorf("roles %v", roles)
	}
	is(t, w.SetRoles(w.id, "p", nil), 0, "", "")
	if _, member := w.Roles(w.id, "p"); member {
		t.Error("still a member")
	}
}
