// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Standing is how well a subscriber's entries are known.
type Standing struct {
	// Backend is the key of the backend of the first entry.
	Backend string
	// Interval is how often the entries are read; 0 is only on request.
	Interval time.Duration
	// Pinned says that every entry is wanted at a fixed version.
	Pinned bool
	// LastGood is when the entry was last read well that was not for the longest; zero if
	// there is one that never was.
	LastGood time.Time
}

// Standing returns how well a subscriber's entries are known; ok is false if there is no
// such subscriber, or it wants nothing.
func (p *Poller) Standing(id types.NamespacedName) (standing Standing, ok bool) {
	p.lock()
	defer p.mu.Unlock()
	s := p.subscribers[id]
	if s == nil || len(s.entries) == 0 {
		return Standing{}, false
	}
	standing = Standing{Backend: s.entries[0].src.up.key, Interval: s.interval, Pinned: true}
	oldest := s.entries[0].good.at
	for i, e := range s.entries {
		if s.absent(i) {
			continue // It need not be known well, as nothing of it is served.
		}
		standing.Pinned = standing.Pinned && e.ref.Version() != ""
		oldest = min(oldest, e.good.at)
		if s.interval > 0 {
			standing.Interval = max(standing.Interval, e.src.up.limits.MinInterval)
		}
	}
	standing.LastGood = p.time(oldest)
	return standing, true
}

// Backends returns the keys of the backends that somebody reads, sorted.
func (p *Poller) Backends() []string {
	p.lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.upstreams))
}
