// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Health is what the reads of a backend tell about it.
type Health struct {
	// Known says that there was a read that tells anything.
	Known bool
	// Reachable says that the backend answers: not every one of its last reads (five, or
	// as many as there are entries) was Unavailable.
	Reachable bool
	// Reason and Message say why it is not reachable. They stay until it is again.
	Reason, Message string
	// LastGood is the last answer, if only to say no; zero is never.
	LastGood time.Time
	// Capabilities are what the backend can do, as far as it is known.
	Capabilities backend.Capabilities
	// Breaker says whether the backend is read.
	Breaker BreakerState
	// Entries counts what is wanted of the backend, Failing what of it fails; probes are
	// no entries.
	Entries, Failing int
}

// Err returns why the backend is not reachable, as an Unavailable; nil if it is.
func (h Health) Err() error {
	if !h.Known || h.Reachable {
		return nil
	}
	return fault.New(fault.Unavailable, h.Reason, "%s", h.Message)
}

// Health returns what is known of a backend.
func (p *Poller) Health(backendKey string) Health {
	p.lock()
	defer p.unlock()
	u := p.upstreams[backendKey]
	if u == nil {
		return Health{Breaker: BreakerClosed}
	}
	h := u.health
	h.Breaker = u.breaker.state()
	h.Capabilities = slices.Clone(h.Capabilities)
	for _, s := range u.sources {
		for _, e := range s.entries {
			if e.probes() {
				continue
			}
			h.Entries++
			if e.err != nil || len(e.proven().lacks) > 0 {
				h.Failing++
			}
		}
	}
	return h
}

// OnHealth has f called with the key of each backend whose health changed; counts and
// LastGood alone are no change. Like Wake, f is called without a lock held.
func (p *Poller) OnHealth(f func(backendKey string)) {
	p.lock()
	defer p.unlock()
	p.onHealth = append(slices.Clip(p.onHealth), f)
}

// noteHealth learns from the end of a read.
func (p *Poller) noteHealth(u *upstream, err error, v verdict) {
	before := u.health
	switch v {
	case answered:
		u.health.Known, u.health.Reachable = true, true
		u.health.Reason, u.health.Message = "", ""
		u.health.LastGood = p.time(p.now)
	case unavailable:
		u.health.Known = true
		if u.health.Reason == "" || u.health.Reason != fault.ReasonOf(err) {
			u.health.Reason = fault.ReasonOf(err)
			u.health.Message = messageOf(err)
		}
		u.health.Reachable = !u.breaker.open && u.breaker.fails < u.entries()
	case silent:
	}
	if before.Known != u.health.Known || before.Reachable != u.health.Reachable ||
		(!u.health.Reachable && before.Reason != u.health.Reason) {
		p.announce(u)
	}
}

func (p *Poller) noteCapabilities(u *upstream, c backend.Capabilities) {
	if c != nil && !slices.Equal(u.health.Capabilities, c) {
		u.health.Capabilities = slices.Clone(c)
		p.announce(u)
	}
}

func (p *Poller) announce(u *upstream) {
	if !slices.Contains(p.healthNews, u.key) {
		p.healthNews = append(p.healthNews, u.key)
	}
	signal(p.news)
}

// entries counts what is wanted of the backend, probes only where there is nothing else.
func (u *upstream) entries() int {
	n := 0
	for _, s := range u.sources {
		n += len(s.entries)
		if s.entries[wanted{}] != nil {
			n--
		}
	}
	return max(n, 1)
}

func messageOf(err error) string {
	if e := fault.As(err); e != nil {
		return e.Message
	}
	return "the backend does not answer"
}
