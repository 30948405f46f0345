// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"sync"
	"time"
)

// tally counts by key.
type tally[K comparable] struct {
	mu     *sync.Mutex
	counts map[K]float64
}

func newTally[K comparable]() tally[K] {
	return tally[K]{mu: &sync.Mutex{}, counts: map[K]float64{}}
}

func (t tally[K]) add(key K, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[key] += float64(n)
}

func (t tally[K]) of(key K) float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[key]
}

func (t tally[K]) forget(key K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.counts, key)
}

// expiry names a credential of a backend.
type expiry struct{ backend, credential string }

// expiries are when the credentials of backends end.
type expiries struct {
	mu *sync.Mutex
	at map[expiry]time.Time
}

func newExpiries() expiries { return expiries{mu: &sync.Mutex{}, at: map[expiry]time.Time{}} }

// set notes when a credential ends; the zero time says never.
func (e expiries) set(backend, credential string, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at.IsZero() {
		delete(e.at, expiry{backend, credential})
	} else {
		e.at[expiry{backend, credential}] = at
	}
}

// of returns when the credentials of a backend end.
func (e expiries) of(backend string) map[string]time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	ends := map[string]time.Time{}
	for key, at := range e.at {
		if key.backend == backend {
			ends[key.credential] = at
		}
	}
	return ends
}
