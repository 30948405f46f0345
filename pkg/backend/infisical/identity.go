// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// identity is who we are at Infisical: one login, shared by all reads, made anew before its
// token ends and when it is lost. Renewing a token would spare nothing: it needs as many
// requests as a login, and on older servers a renewal too late ends the token at once.
type identity struct {
	client   *client
	method   method
	clock    clock.WithTicker
	observer backend.Observer
	pause    *remote.Pause
	refusals *refusals
	turns    *turns
	life     *remote.Life
	// replacing is true while a login replaces a session that is old.
	replacing atomic.Bool

	mu      sync.Mutex
	current *session
}

// session is a token in use. It does not change.
type session struct {
	token sensitive.Value
	// ours is true if the token was obtained by logging in: only then is it revoked.
	ours bool
	// since is when the token was obtained; ends, when it expires, and due, when another is
	// fetched, are zero if it does not.
	since, due, ends time.Time
}

// longest bounds what is believed of a token's life, in seconds: ten years.
const longest = 10 * 365 * 24 * 60 * 60

func newSession(token string, since time.Time, life int64) *session {
	s := &session{token: sensitive.FromString(token), ours: true, since: since}
	if life > 0 {
		ttl := time.Duration(min(life, longest)) * time.Second
		s.due, s.ends = since.Add(ttl*4/5), since.Add(ttl)
	}
	return s
}

func (s *session) over(now time.Time) bool { return !s.ends.IsZero() && !now.Before(s.ends) }
func (s *session) old(now time.Time) bool  { return !s.due.IsZero() && !now.Before(s.due) }

func newIdentity(c *client, m method, cfg backend.Config, p *Provider) *identity {
	return &identity{
		client: c, method: m, clock: cfg.Clock, observer: cfg.ObserverOrNop(), refusals: &p.refusals, turns: &p.turns,
		pause: remote.NewPause("Infisical", cfg.Clock), life: remote.NewLife(),
	}
}

// session returns the session in use, logging in if there is none. An old one serves to its
// end, and is replaced apart from the read: a login that hangs holds up nobody whom the old
// token still serves.
func (id *identity) session(ctx context.Context) (*session, error) {
	now := id.clock.Now()
	s := id.usable(now)
	if s == nil {
		return id.sessionOtherThan(ctx, nil)
	}
	if s.old(now) && id.replacing.CompareAndSwap(false, true) {
		started := id.life.Go(func(ctx context.Context) {
			defer id.replacing.Store(false)
			_, _ = id.sessionOtherThan(ctx, s) // A failure begins a pause, and the old one serves on.
		})
		if !started {
			id.replacing.Store(false)
		}
	}
	return s, nil
}

// usable returns the session in use, or nil if a login is needed.
func (id *identity) usable(now time.Time) *session {
	id.mu.Lock()
	defer id.mu.Unlock()
	if id.current == nil || id.current.over(now) {
		return nil
	}
	return id.current
}

// sessionOtherThan returns a session that is not old, logging in unless somebody already
// did. The one that it replaces is left to end by itself: reads under way still use it.
func (id *identity) sessionOtherThan(ctx context.Context, old *session) (*session, error) {
	return remote.Shared(ctx, id.life, "login", func(ctx context.Context) (*session, error) { //nolint:wrapcheck // classed and complete
		if s := id.usable(id.clock.Now()); s != nil && s != old {
			return s, nil
		}
		s, err := id.login(ctx)
		if err != nil {
			return nil, err
		}
		id.mu.Lock()
		defer id.mu.Unlock()
		id.current = s
		return s, nil
	})
}

// lose forgets a session whose token Infisical no longer accepts.
func (id *identity) lose(s *session) {
	id.mu.Lock()
	defer id.mu.Unlock()
	if id.current != s {
		return
	}
	id.current = nil
	if s.ours {
		id.pause.Lose(id.clock.Since(s.since))
	} else {
		id.pause.Reject(id.tokenRejected(), s.token)
	}
}

// tokenRejected explains that a configured token is not accepted.
func (id *identity) tokenRejected() *fault.Error {
	return fault.New(fault.Denied, remote.ReasonTokenInvalid, "Infisical does not accept %s: it is expired, revoked or wrong", id.method.who())
}

// authorized sends a call with the token in use. If the token is refused, there is one login
// and one more try. A 401 or 403 that is returned is about what was asked for.
func (id *identity) authorized(ctx context.Context, r call) (*answer, error) {
	s, err := id.session(ctx)
	if err != nil {
		return nil, err
	}
	r.token = s.token
	got, err := id.client.do(ctx, r)
	if err != nil || !got.tokenRefused() {
		return got, limited(err)
	}
	id.lose(s)
	if s, err = id.sessionOtherThan(ctx, s); err != nil {
		return nil, err
	}
	r.token = s.token
	if got, err = id.client.do(ctx, r); err != nil || !got.tokenRefused() {
		return got, limited(err)
	}
	id.lose(s)
	return nil, remote.Unavailable(remote.ReasonTokenInvalid, "Infisical gives a token and refuses it at once")
}

// limited returns the error of a request that was no login. Infisical counts requests by the
// address that they come from, so that a limit is everybody's here. Logins count apart from
// reads: one that is asked to wait keeps nobody from reading who is logged in.
func limited(err error) error {
	if fault.Is(err, fault.Throttled) {
		return fault.As(err).ToAll()
	}
	return err
}

// reread notices that a person replaced a ready token, though the old one still works.
func (id *identity) reread(ctx context.Context) {
	s := id.usable(id.clock.Now())
	if s == nil || s.ours {
		return
	}
	shown, err := id.proof(ctx)
	if err != nil || shown.secret.Equal(s.token) {
		return
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	if id.current == s {
		id.current = nil
	}
}

// close ends all work and revokes the token if it is ours.
func (id *identity) close(ctx context.Context) error {
	if err := id.life.Close(ctx); err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	id.mu.Lock()
	s := id.current
	id.current = nil
	id.mu.Unlock()
	if s == nil || !s.ours || s.over(id.clock.Now()) {
		return nil
	}
	return id.revoke(ctx, s)
}
