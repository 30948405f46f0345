// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Pauses between failing logins.
const (
	firstPause = time.Second
	longPause  = time.Minute
	// lookAgain is how often, during a pause, the credential is looked at for a change.
	lookAgain = time.Second
	// shortLived is the age below which a lost token counts as a failed login.
	shortLived = 10 * time.Second
)

// session is a token in use.
type session struct {
	token sensitive.Value
	// ours is true if the token was obtained by logging in: only then it is renewed and revoked.
	ours      bool
	renewable bool
	since     time.Time
	// ttl counts from since; zero never ends.
	ttl time.Duration
	// replaced is closed when another session took over.
	replaced chan struct{}
}

// expired reports whether the token is over, or too near its end to be sent.
func (s *session) expired(now time.Time) bool {
	return s.ttl > 0 && now.Sub(s.since) >= s.ttl-s.ttl/20
}

// identity is who we are at Vault: one login, shared by all reads, renewed, and logged in
// anew when it is lost. Its work runs apart from the requests that wait for it, so that a
// cancelled one fails no other.
type identity struct {
	client    *client
	method    method
	namespace string
	clock     clock.WithTicker
	observer  Observer

	life   context.Context // ends with Close
	end    context.CancelFunc
	work   sync.WaitGroup
	flight singleflight.Group

	mu      sync.Mutex
	closed  bool
	current *session
	failure failure
}

// failure is why the last login failed, and until when none is tried.
type failure struct {
	err   error
	count int
	until time.Time
	// looked is when the credential was last looked at, proof what it was then.
	looked time.Time
	proof  sensitive.Value
}

func newIdentity(c *client, m method, cfg backend.Config, o Observer) *identity {
	namespace := cfg.Spec.Vault.Auth.Namespace
	if namespace == "" {
		namespace = cfg.Spec.Vault.Namespace
	}
	life, end := context.WithCancel(context.Background())
	return &identity{client: c, method: m, namespace: namespace, clock: cfg.Clock, observer: o, life: life, end: end}
}

// shared runs work once for all who ask for it under the same key meanwhile. The work ends
// with the identity, not with one of those who wait.
func shared(ctx context.Context, id *identity, key string, work func(context.Context) (any, error)) (any, error) {
	results := id.flight.DoChan(key, func() (any, error) {
		if !id.enter() {
			return nil, closed()
		}
		defer id.work.Done()
		return work(id.life)
	})
	select {
	case <-ctx.Done():
		return nil, cancelled(ctx)
	case result := <-results:
		return result.Val, result.Err
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

func closed() error {
	return unavailable(ReasonClosed, "the backend was closed")
}

// session returns the token in use, logging in if there is none.
func (id *identity) session(ctx context.Context) (*session, error) {
	if s := id.usable(); s != nil {
		return s, nil
	}
	return id.replace(ctx, nil)
}

func (id *identity) usable() *session {
	id.mu.Lock()
	defer id.mu.Unlock()
	if s := id.current; s != nil && !s.expired(id.clock.Now()) {
		return s
	}
	return nil
}

// replace returns a session other than old, logging in unless somebody already did.
func (id *identity) replace(ctx context.Context, old *session) (*session, error) {
	s, err := shared(ctx, id, "login", func(ctx context.Context) (any, error) {
		if s := id.usable(); s != nil && s != old {
			return s, nil
		}
		return id.login(ctx, old)
	})
	if err != nil {
		return nil, err
	}
	return s.(*session), nil
}

// lost forgets a token that Vault no longer accepts. A token lost soon after its login
// counts as a failure, so that a Vault that forgets tokens at once causes no login storm.
func (id *identity) lost(s *session) {
	id.mu.Lock()
	defer id.mu.Unlock()
	if id.current != s {
		return
	}
	id.current = nil
	close(s.replaced)
	if id.clock.Since(s.since) >= shortLived {
		id.failure = failure{}
		return
	}
	id.failure.count++
	if id.failure.count > 1 {
		id.failure.err = unavailable(ReasonTokenInvalid, "Vault gives tokens and refuses them at once")
		id.pauseLocked(0)
	}
}

// login reads the credential and exchanges it for a token. It is called by one at a time.
func (id *identity) login(ctx context.Context, old *session) (*session, error) {
	if err := id.paused(); err != nil && !id.mayLook() {
		return nil, err
	}
	proof, err := id.method.proof(ctx)
	if pause := id.paused(); pause != nil && !id.changed(proof.secret, err) {
		return nil, pause
	}
	if err != nil {
		return nil, id.failed(sensitive.Value{}, err)
	}
	s, err := id.exchange(ctx, proof)
	if err != nil {
		return nil, id.failed(proof.secret, err)
	}
	id.succeeded(s, old)
	return s, nil
}

// paused returns why no login is tried now, or nil.
func (id *identity) paused() error {
	id.mu.Lock()
	defer id.mu.Unlock()
	wait := id.failure.until.Sub(id.clock.Now())
	if wait <= 0 {
		return nil
	}
	return fault.As(id.failure.err).After(wait)
}

// mayLook reports whether the credential may be looked at during a pause.
func (id *identity) mayLook() bool {
	id.mu.Lock()
	defer id.mu.Unlock()
	if !id.method.kept() || id.clock.Since(id.failure.looked) < lookAgain {
		return false
	}
	id.failure.looked = id.clock.Now()
	return true
}

// changed reports whether the credential is another one than the one that failed.
func (id *identity) changed(secret sensitive.Value, err error) bool {
	id.mu.Lock()
	defer id.mu.Unlock()
	return err == nil && !secret.Equal(id.failure.proof)
}

// failed remembers why the login failed and starts a pause.
func (id *identity) failed(secret sensitive.Value, err error) error {
	if id.life.Err() != nil {
		return closed()
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	id.failure.err = err
	id.failure.proof = secret
	id.failure.count++
	id.pauseLocked(fault.RetryAfter(err))
	return err
}

// pauseLocked sets the pause: doubling from a second to a minute with the failures, never
// shorter than Vault asked for. id.mu is held.
func (id *identity) pauseLocked(asked time.Duration) {
	pause := min(firstPause<<min(id.failure.count, 6), longPause)
	pause = pause/2 + rand.N(pause/2)
	now := id.clock.Now()
	id.failure.until = now.Add(max(pause, asked))
	id.failure.looked = now
}

// succeeded makes s the session in use and keeps it alive.
func (id *identity) succeeded(s, old *session) {
	id.mu.Lock()
	defer id.mu.Unlock()
	// The count of failures stays until the token has lived a while: see lost.
	id.failure = failure{count: id.failure.count}
	if id.current != nil {
		close(id.current.replaced)
	}
	id.current = s
	if s.ours && s.ttl > 0 && !id.closed {
		id.work.Add(1)
		go id.keep(s)
	}
	_ = old
}

// exchange makes a session of a proof: by logging in, or of a ready token as it is.
func (id *identity) exchange(ctx context.Context, p proof) (*session, error) {
	s := &session{since: id.clock.Now(), replaced: make(chan struct{})}
	if p.login == nil {
		s.token = p.secret
		return s, nil
	}
	err := id.obtain(ctx, p, s)
	id.observer.Login(fault.ClassOf(err))
	return s, err
}

func (id *identity) obtain(ctx context.Context, p proof, s *session) error {
	got, err := id.client.send(ctx, call{
		method: http.MethodPost, path: "auth/" + id.method.mount() + "/login",
		namespace: id.namespace, body: p.login,
	})
	if err != nil {
		return within("logging in at Vault", err)
	}
	if got.status != http.StatusOK {
		return id.refused(got)
	}
	secret, err := got.secret()
	if err != nil {
		return within("logging in at Vault", err)
	}
	if secret.Auth == nil || secret.Auth.ClientToken == "" {
		return id.noToken(secret)
	}
	s.token = sensitive.FromString(secret.Auth.ClientToken)
	s.ours = true
	s.renewable = secret.Auth.Renewable
	s.ttl = time.Duration(secret.Auth.LeaseDuration) * time.Second
	return nil
}
