// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// session is a token in use. Its fields are guarded by the identity's mutex.
type session struct {
	token sensitive.Value
	// ours is true if the token was obtained by logging in: only then is it renewed and revoked.
	ours      bool
	renewable bool
	// since is when the token was obtained, ends when it expires; zero is never.
	since, ends time.Time
	ttl         time.Duration
	// replaced is closed when the session is no longer the one in use.
	replaced chan struct{}
}

// maxLease bounds, in seconds, what is believed of a token's life: ten years.
const maxLease = 10 * 365 * 24 * 60 * 60

// grant sets how long the session lasts from now on.
func (s *session) grant(now time.Time, seconds int, renewable bool) {
	s.renewable = renewable
	s.ttl = time.Duration(max(0, min(seconds, maxLease))) * time.Second
	s.ends = time.Time{}
	if s.ttl > 0 {
		s.ends = now.Add(s.ttl)
	}
}

// over reports whether the token has expired, or is too near its end to be sent.
func (s *session) over(now time.Time) bool {
	return !s.ends.IsZero() && now.After(s.ends.Add(-s.ttl/20))
}

// login reads the credential and exchanges it for a session. One runs at a time.
func (id *identity) login(ctx context.Context) (*session, error) {
	return remote.Attempt(ctx, id.pause, remote.Login[proof, *session]{ //nolint:wrapcheck // classed and complete
		Kept: id.method.kept(), Proof: id.proof, Exchange: id.exchange,
		Secret: func(shown proof) sensitive.Value { return shown.secret },
	})
}

// proof reads the credential, within the time of a request.
func (id *identity) proof(ctx context.Context) (proof, error) {
	ctx, cancel := context.WithTimeout(ctx, id.client.remote.Server().Timeout)
	defer cancel()
	return id.method.proof(ctx)
}

// exchange makes a session of a proof: by logging in, or of a ready token as it is.
func (id *identity) exchange(ctx context.Context, shown proof) (*session, error) {
	s := &session{since: id.clock.Now(), replaced: make(chan struct{})}
	if shown.login == nil {
		s.token = shown.secret
		return s, nil
	}
	auth, err := id.obtain(ctx, shown.login)
	id.observer.Login(fault.ClassOf(err), id.clock.Since(s.since))
	if err != nil {
		return nil, err
	}
	s.token, s.ours = sensitive.FromString(auth.ClientToken), true
	s.grant(s.since, auth.LeaseDuration, auth.Renewable)
	return s, nil
}

func (id *identity) obtain(ctx context.Context, body map[string]string) (*api.SecretAuth, error) {
	got, err := id.client.do(ctx, call{
		method: http.MethodPost, path: "auth/" + id.method.mount() + "/login",
		namespace: id.namespace, body: body,
	})
	if err != nil {
		return nil, err
	}
	if got.Status != http.StatusOK {
		return nil, id.loginRefused(got)
	}
	secret, err := got.secret()
	switch {
	case err != nil:
		return nil, err
	case secret.Auth == nil:
		return nil, unreadable("a login's answer holds no token")
	case secret.Auth.MFARequirement != nil:
		return nil, fault.New(fault.Denied, remote.ReasonLoginDenied, "auth mount %q wants a second factor, which no program can give", id.method.mount())
	case secret.Auth.ClientToken == "":
		return nil, unreadable("a login's answer holds no token")
	}
	return secret.Auth, nil
}

// loginRefused explains a login that Vault answers with 400, 403 or 404.
func (id *identity) loginRefused(got *answer) error {
	at := id.method.mount()
	if got.says("no handler for route") {
		return fault.New(fault.Denied, remote.ReasonLoginDenied, "no auth method is mounted at %q%s", at, inNamespace(id.namespace))
	}
	return fault.New(fault.Denied, remote.ReasonLoginDenied, "auth mount %q%s refuses %s (HTTP %d): %s",
		at, inNamespace(id.namespace), id.method.who(), got.Status, id.method.advice(got))
}
