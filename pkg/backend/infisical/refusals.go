// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// How refused credentials are spaced. Infisical locks an identity for all who use it, for
// five minutes, after three wrong secrets within thirty seconds.
const (
	firstRefusal = 45 * time.Second
	longRefusal  = 5 * time.Minute
	// maxRefusals bounds how many are remembered.
	maxRefusals = 1024
)

// refusals remembers which credentials were refused, whichever backend showed them, so that
// none is shown again soon. Of one that nobody knows yet, one login runs at a time: backends
// that start together would show a wrong one all at once. The zero value is ready.
type refusals struct {
	mu    sync.Mutex
	salt  [32]byte
	known map[credential]*standing
}

// credential stands for an address and a secret; it is no use to anybody else.
type credential [sha256.Size]byte

// standing is what is known of a credential.
type standing struct {
	// good says that the last login with it was accepted.
	good bool
	// until is when it may be shown again, times how often it was refused in a row.
	until time.Time
	times int
	// turn is held by the login that finds out.
	turn chan struct{}
}

// of returns what stands for a credential at an address. A proof that is made fresh for each
// login stands for nothing and is the zero credential.
func (r *refusals) of(address string, secret sensitive.Value) credential {
	if secret.Len() == 0 {
		return credential{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.salt == ([32]byte{}) {
		_, _ = rand.Read(r.salt[:]) // crypto/rand.Read never returns an error
	}
	sum := sha256.New()
	sum.Write(r.salt[:])
	sum.Write([]byte(address))
	sum.Write([]byte{0})
	sum.Write(secret.Reveal())
	return credential(sum.Sum(nil))
}

// try logs in with a credential, unless it was refused a short while ago: then wait is how
// long it must not be shown. Its errors are those of login and of a context that ended.
func (r *refusals) try(ctx context.Context, c credential, clock clock.PassiveClock, login func() error) (wait time.Duration, err error) {
	if c == (credential{}) {
		return 0, login()
	}
	known := r.standing(c)
	if !r.isGood(known) {
		select {
		case known.turn <- struct{}{}:
			defer func() { <-known.turn }()
		case <-ctx.Done():
			return 0, remote.Cancelled(ctx) //nolint:wrapcheck // classed and complete
		}
		if wait := r.wait(known, clock.Now()); wait > 0 {
			return wait, nil
		}
	}
	err = login()
	return r.note(known, err, clock.Now()), err
}

// standing returns what is known of a credential. Too many are forgotten together.
func (r *refusals) standing(c credential) *standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= maxRefusals && r.known[c] == nil {
		r.known = map[credential]*standing{}
	}
	if r.known[c] == nil {
		r.known[c] = &standing{turn: make(chan struct{}, 1)}
	}
	return r.known[c]
}

func (r *refusals) isGood(s *standing) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return s.good
}

func (r *refusals) wait(s *standing, now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return s.until.Sub(now)
}

// note remembers what a login came to, and returns how long the credential must not be shown
// now. An outage says nothing of it.
func (r *refusals) note(s *standing, err error, now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		s.good, s.until, s.times = true, time.Time{}, 0
		return 0
	case !fault.Is(err, fault.Denied):
		return 0
	}
	pause := min(firstRefusal<<min(s.times, 10), longRefusal)
	s.good, s.until, s.times = false, now.Add(pause), s.times+1
	return pause
}
