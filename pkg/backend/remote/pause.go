// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// How logins that fail are spaced.
const (
	firstPause = 2 * time.Second // before jitter, which halves it at most
	longPause  = time.Minute
	// lookAgain is how often, during a pause, the credential is looked at for a change.
	lookAgain = time.Second
	// shortLived is the age below which a token's loss speaks against logging in again.
	shortLived = 10 * time.Second
)

// Pause keeps failing logins apart, so that a server that refuses them sees few.
type Pause struct {
	clock clock.PassiveClock
	// server is its name in messages.
	server string

	mu    sync.Mutex
	err   error
	fails int
	until time.Time
	// looked is when the credential was last read, secret what it was when it failed.
	looked time.Time
	secret sensitive.Value
	// losses counts tokens that were lost soon after their login, one after the other.
	losses int
}

// NewPause returns a pause for the logins at a server, by its name in messages.
func NewPause(server string, clock clock.PassiveClock) *Pause {
	return &Pause{server: server, clock: clock}
}

// Refusal returns why no login is to be tried now, or nil.
func (p *Pause) Refusal() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := p.until.Sub(p.clock.Now())
	if wait <= 0 {
		return nil
	}
	return fault.As(p.err).After(wait)
}

// MayLook reports, once in a while, that the credential may be read during the pause.
func (p *Pause) MayLook() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clock.Since(p.looked) < lookAgain {
		return false
	}
	p.looked = p.clock.Now()
	return true
}

// FailedWith reports whether the last login failed with this credential.
func (p *Pause) FailedWith(secret sensitive.Value) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.secret.Equal(secret)
}

// Fail starts a pause: doubling with the failures, never shorter than the server asked for.
func (p *Pause) Fail(err *fault.Error, secret sensitive.Value) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err, p.secret = err, secret
	p.begin(p.fails, err.RetryAfter)
	p.fails++
}

// Reject starts a pause as Fail does, but lets the credential be read again without delay:
// it may have been changed already.
func (p *Pause) Reject(err *fault.Error, secret sensitive.Value) {
	p.Fail(err, secret)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looked = time.Time{}
}

// Succeed ends the row of failures.
func (p *Pause) Succeed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err, p.fails, p.until, p.secret = nil, 0, time.Time{}, sensitive.Value{}
}

// Lose takes note of a token that the server no longer accepts at that age. The first early
// loss costs nothing; a row of them is paused like failing logins.
func (p *Pause) Lose(age time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if age >= shortLived {
		p.losses = 0
		return
	}
	if p.losses > 0 {
		p.err = Unavailable(ReasonTokenInvalid, "%s gives tokens and refuses them soon after", p.server)
		p.begin(p.losses-1, 0)
	}
	p.losses++
}

// begin sets the end of the pause; p.mu is held.
func (p *Pause) begin(before int, asked time.Duration) {
	wait := min(firstPause<<min(before, 5), longPause)
	wait = wait/2 + rand.N(wait/2) //nolint:gosec // Jitter needs no secrecy.
	now := p.clock.Now()
	p.until, p.looked = now.Add(max(wait, asked)), now
}
