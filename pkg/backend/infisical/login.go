// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"net/http"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

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
	if shown.login == nil {
		return &session{token: shown.secret, since: id.clock.Now()}, nil
	}
	address := id.client.remote.Server().Address
	credential := id.refusals.of(address, shown.secret)
	turn := id.turns.of(id.refusals.of(address, sensitive.FromString(shown.account)))
	if err := id.await(ctx, turn); err != nil {
		return nil, err
	}
	defer turn.leave()
	since := id.clock.Now()
	if wait := max(id.refusals.wait(credential, since), turn.wait(since)); wait > 0 {
		return nil, id.refused(0, "").After(wait)
	}
	s, err := id.obtain(ctx, shown)
	id.observer.Login(fault.ClassOf(err), id.clock.Since(since))
	if fault.Is(err, fault.Denied) {
		turn.note(id.clock.Now())
		return nil, fault.As(err).After(id.refusals.note(credential, id.clock.Now()))
	}
	if err == nil { // An outage says nothing of the credential.
		id.refusals.forget(credential)
	}
	return s, err
}

// await waits for the turn of a login, no longer than a request may take.
func (id *identity) await(ctx context.Context, turn *turn) error {
	ctx, cancel := context.WithTimeout(ctx, id.client.remote.Server().Timeout)
	defer cancel()
	if err := turn.enter(ctx); err != nil {
		return remote.Cancelled(ctx) //nolint:wrapcheck // classed and complete
	}
	return nil
}

// obtain logs in by the SDK.
func (id *identity) obtain(ctx context.Context, shown proof) (*session, error) {
	since := id.clock.Now()
	granted, got, err := id.client.bySDK(ctx, shown.login)
	switch {
	case err != nil:
		return nil, err
	case got.Status == http.StatusBadRequest && got.reviewerAway():
		return nil, remote.Unavailable(remote.ReasonUnreachable, "logging in as %s: %s", id.method.who(), id.method.advice(got))
	case got.Status == http.StatusBadRequest, got.Status == http.StatusNotFound, got.Status == http.StatusUnprocessableEntity,
		got.Status == http.StatusUnauthorized, got.Status == http.StatusForbidden:
		return nil, id.refused(got.Status, id.method.advice(got))
	case got.Status != http.StatusOK || granted.AccessToken == "":
		return nil, unreadable("a login's answer holds no token")
	}
	return newSession(granted.AccessToken, since, granted.ExpiresIn), nil
}

// refused explains a login that is not accepted; zero is one that was refused before.
func (id *identity) refused(status int, advice string) *fault.Error {
	if status == 0 {
		return fault.New(fault.Denied, remote.ReasonLoginDenied,
			"Infisical refused %s a short while ago, and is not asked again before the pause is over, or it would lock the identity for all who use it", id.method.who())
	}
	return fault.New(fault.Denied, remote.ReasonLoginDenied, "Infisical refuses %s (HTTP %d): %s", id.method.who(), status, advice)
}

// revoke gives a token back that was obtained by logging in. One that Infisical no longer
// knows is no error.
func (id *identity) revoke(ctx context.Context, s *session) error {
	if _, err := id.client.revokeBySDK(ctx, string(s.token.Reveal())); err != nil {
		return remote.Within("revoking the token", err) //nolint:wrapcheck // classed and complete
	}
	return nil
}
