// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

// events is an Observer that counts.
type events struct {
	mu sync.Mutex
	counts
}

// counts is what was observed.
type counts struct {
	classes   map[fault.Class]int
	spared    int
	throttled int
	breaker   []BreakerState
}

// seen returns what was counted so far.
func (e *events) seen() counts {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.counts
	c.classes, c.breaker = maps.Clone(c.classes), slices.Clone(c.breaker)
	return c
}

var _ Observer = (*events)(nil)

func (e *events) Request(_ string, _ Operation, class fault.Class, _ time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.classes == nil {
		e.classes = map[fault.Class]int{}
	}
	e.classes[class]++
}

func (e *events) Spared(_ string, reads int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.spared += reads
}

func (e *events) Throttled(string, time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.throttled++
}

func (e *events) Breaker(_ string, state BreakerState) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.breaker = append(e.breaker, state)
}
