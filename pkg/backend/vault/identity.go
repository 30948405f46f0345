// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"net/http"
	"sync"

	"golang.org/x/sync/singleflight"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend"
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
	pause     pause

	// life ends with close, and with it all work: that of renewals, which nobody waits for,
	// and that of logins, which must survive whoever asked first.
	life   context.Context //nolint:containedctx // See above.
	end    context.CancelFunc
	work   sync.WaitGroup
	flight singleflight.Group

	mu      sync.Mutex
	closed  bool
	current *session
}

func newIdentity(c *client, m method, cfg backend.Config) *identity {
	namespace := cfg.Spec.Vault.Auth.Namespace
	if namespace == "" {
		namespace = cfg.Spec.Vault.Namespace
	}
	life, end := context.WithCancel(context.Background()) //nolint:forbidigo // It outlives its callers: see identity.life.
	return &identity{
		client: c, method: m, namespace: namespace, clock: cfg.Clock, observer: cfg.ObserverOrNop(),
		pause: pause{clock: cfg.Clock}, life: life, end: end,
	}
}

// shared runs work once for all who ask for it under the same key meanwhile. The work ends
// with the identity, not with one of those who wait.
func shared[T any](ctx context.Context, id *identity, key string, work func(context.Context) (T, error)) (T, error) {
	var none T
	if ctx.Err() != nil {
		return none, cancelled(ctx)
	}
	results := id.flight.DoChan(key, func() (any, error) {
		if !id.enter() {
			return nil, closed()
		}
		defer id.work.Done()
		value, err := work(id.life)
		if err != nil && id.life.Err() != nil {
			return nil, closed()
		}
		return value, err
	})
	select {
	case <-ctx.Done():
		if id.life.Err() != nil {
			return none, closed()
		}
		return none, cancelled(ctx)
	case result := <-results:
		if result.Err != nil {
			return none, result.Err
		}
		value, ok := result.Val.(T)
		if !ok {
			return none, closed()
		}
		return value, nil
	}
}

// enter counts one more piece of work, unless the identity is closed.
func (id *identity) enter() bool {
	id.mu.Lock()
	defer id.mu.Unlock()
	if id.closed {
		return false
	}
	id.work.Add(1)
	return true
}

func closed() error { return unavailable(ReasonClosed, "the backend was closed") }

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
	return shared(ctx, id, "login", func(ctx context.Context) (*session, error) {
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
	if s.ours && s.ttl > 0 && !id.closed {
		id.work.Add(1)
		go id.keep(s)
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
		id.pause.lose(id.clock.Since(s.since))
	} else {
		id.pause.reject(id.tokenRejected(), s.token)
	}
}

// close ends all work and revokes the token if it is ours. Errors: Unavailable.
func (id *identity) close(ctx context.Context) error {
	id.mu.Lock()
	id.closed = true
	id.mu.Unlock()
	id.end()
	if err := id.idle(ctx); err != nil {
		return err
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

// idle waits until all work has ended, which it does soon once life has.
func (id *identity) idle(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		id.work.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return cancelled(ctx)
	}
}

// revoke gives a token back that was obtained by logging in. One that Vault no longer
// knows is no error.
func (id *identity) revoke(ctx context.Context, s *session) error {
	_, err := id.send(ctx, call{
		method: http.MethodPost, path: "auth/token/revoke-self", namespace: id.namespace,
	}, s)
	if err != nil {
		return within("revoking the token", err)
	}
	return nil
}
