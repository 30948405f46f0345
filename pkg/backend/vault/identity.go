// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"net/http"
	"sync"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
)

// identity is who we are at Vault: one login, shared by all reads, renewed, and made anew
// when it is lost. Its work runs apart from the requests that wait for it, so that one
// that is cancelled fails no other.
type identity struct {
	client    *client
	method    method
	namespace string
	clock     clock.WithTicker
	observer  backend.Observer
	pause     *remote.Pause
	life      *remote.Life

	mu      sync.Mutex
	current *session
}

func newIdentity(c *client, m method, cfg backend.Config) *identity {
	namespace := cfg.Spec.Vault.Auth.Namespace
	if namespace == "" {
		namespace = cfg.Spec.Vault.Namespace
	}
	return &identity{
		client: c, method: m, namespace: namespace, clock: cfg.Clock, observer: cfg.ObserverOrNop(),
		pause: remote.NewPause("Vault", cfg.Clock), life: remote.NewLife(),
	}
}

// usable returns the session in use and its token, or nil if a login is needed.
func (id *identity) usable() *session {
	id.mu.Lock()
	defer id.mu.Unlock()
	if s := id.current; s != nil && !s.over(id.clock.Now()) {
		return s
	}
	return nil
}

// session returns the session in use, logging in if there is none.
func (id *identity) session(ctx context.Context) (*session, error) {
	if s := id.usable(); s != nil {
		return s, nil
	}
	return id.sessionOtherThan(ctx, nil)
}

// sessionOtherThan returns a session that is not old, logging in unless somebody already did.
func (id *identity) sessionOtherThan(ctx context.Context, old *session) (*session, error) {
	return remote.Shared(ctx, id.life, "login", func(ctx context.Context) (*session, error) {
		if s := id.usable(); s != nil && s != old {
			return s, nil
		}
		s, err := id.login(ctx)
		if err != nil {
			return nil, err
		}
		id.use(s)
		return s, nil
	})
}

// use makes s the session in use and keeps it alive.
func (id *identity) use(s *session) {
	id.mu.Lock()
	defer id.mu.Unlock()
	if id.current != nil {
		close(id.current.replaced)
	}
	id.current = s
	if s.ours && s.ttl > 0 {
		id.life.Go(func(ctx context.Context) { id.keep(ctx, s) })
	}
}

// lose forgets a session whose token Vault no longer accepts.
func (id *identity) lose(s *session) {
	id.mu.Lock()
	defer id.mu.Unlock()
	if id.current != s {
		return
	}
	id.current = nil
	close(s.replaced)
	if s.ours {
		id.pause.Lose(id.clock.Since(s.since))
	} else {
		id.pause.Reject(id.tokenRejected(), s.token)
	}
}

// close ends all work and revokes the token if it is ours. Errors: Unavailable.
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

// revoke gives a token back that was obtained by logging in. One that Vault no longer
// knows is no error.
func (id *identity) revoke(ctx context.Context, s *session) error {
	_, err := id.send(ctx, call{
		method: http.MethodPost, path: "auth/token/revoke-self", namespace: id.namespace,
	}, s)
	if err != nil {
		return remote.Within("revoking the token", err)
	}
	return nil
}
