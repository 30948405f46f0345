// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

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
// none is shown again soon. The zero value is ready.
type refusals struct {
	mu    sync.Mutex
	salt  [32]byte
	known map[credential]refusal
}

// credential stands for an address and a secret; it is no use to anybody else.
type credential [sha256.Size]byte

type refusal struct {
	until time.Time
	times int
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

// wait returns how long a credential must not be shown.
func (r *refusals) wait(c credential, now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[c].until.Sub(now)
}

// note remembers a refusal and returns how long the credential must not be shown now.
func (r *refusals) note(c credential, now time.Time) time.Duration {
	if c == (credential{}) {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[credential]refusal{}
	}
	known, again := r.known[c]
	if !again {
		r.makeRoom()
	}
	pause := min(firstRefusal<<min(known.times, 10), longRefusal)
	r.known[c] = refusal{until: now.Add(pause), times: known.times + 1}
	return pause
}

// makeRoom forgets the credential that may be shown again the soonest, where too many are
// known: who shows many wrong ones must not have the others forgotten at once.
func (r *refusals) makeRoom() {
	if len(r.known) < maxRefusals {
		return
	}
	var soonest credential
	for c, known := range r.known {
		if first, ok := r.known[soonest]; !ok || known.until.Before(first.until) {
			soonest = c
		}
	}
	delete(r.known, soonest)
}

// forget ends the row of refusals of a credential that was not refused.
func (r *refusals) forget(c credential) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, c)
}
