// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// trustedFor is how long a token of ours that cannot be looked up is taken for good.
const trustedFor = time.Minute

// authorized sends a call with the token in use. Vault answers 403 both to a bad token and
// to a path that a good one may not read, so on a 403 the token is looked up; if it is bad,
// there is one login and one more try. A 403 that is returned is the path's.
func (v *vault) authorized(ctx context.Context, r call) (*answer, error) {
	id := v.identity
	s, err := id.session(ctx)
	if err != nil {
		return nil, err
	}
	got, err := id.send(ctx, r, s)
	if err != nil || got.Status != http.StatusForbidden {
		return got, err
	}
	good, err := id.accepted(ctx, s)
	switch {
	case err != nil:
		return nil, err
	case good:
		return got, nil
	}
	id.lose(s)
	if s, err = id.sessionOtherThan(ctx, s); err != nil {
		return nil, err
	}
	return id.send(ctx, r, s)
}

// send sends a call with a session's token.
func (id *identity) send(ctx context.Context, r call, s *session) (*answer, error) {
	r.token = s.token
	return id.client.do(ctx, r)
}

// accepted reports whether Vault still accepts the session's token; one request serves all
// who ask meanwhile.
func (id *identity) accepted(ctx context.Context, s *session) (bool, error) {
	return remote.Shared(ctx, id.life, fmt.Sprintf("lookup %p", s), func(ctx context.Context) (bool, error) {
		got, err := id.send(ctx, call{
			method: http.MethodGet, path: "auth/token/lookup-self", namespace: id.namespace,
		}, s)
		switch {
		case err != nil:
			return false, err
		case got.Status == http.StatusOK:
			return true, nil
		case got.Status != http.StatusForbidden:
			return false, remote.Unavailable(remote.ReasonServerError, "looking up the token: Vault answers HTTP %d", got.Status)
		case got.says("invalid token"), got.says("bad token"):
			return false, nil
		}
		return id.likelyAccepted(ctx, s)
	})
}

// likelyAccepted judges a token whose lookup is refused without a word on the token: it
// may lack the default policy, or the server may be one that says no more. A token of ours
// is trusted while it is young, so that there is at most one login in a while; a configured
// one while its Secret still holds it.
func (id *identity) likelyAccepted(ctx context.Context, s *session) (bool, error) {
	if s.ours {
		return id.clock.Since(s.since) < trustedFor, nil
	}
	shown, err := id.proof(ctx)
	if err != nil {
		return false, err
	}
	return shown.secret.Equal(s.token), nil
}

// tokenRejected explains that a configured token is not accepted.
func (id *identity) tokenRejected() *fault.Error {
	return fault.New(fault.Denied, remote.ReasonTokenInvalid, "Vault does not accept %s: it is expired, revoked or wrong", id.method.who())
}
