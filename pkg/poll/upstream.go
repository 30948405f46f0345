// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

// upstream is one backend with all its identities: what rate, breaker and health belong to.
type upstream struct {
	alarm

	key     string
	limits  Limits
	sources map[string]*source
	queue   fairQueue[*entry]
	bucket  bucket
	// pausedUntil is when the silence is over that the backend asked everybody for.
	pausedUntil time.Duration
	breaker     breaker
	health      Health
	inFlight    int

	answered tick     // the last answer of any kind
	waiting  []*entry // to be read soon after the backend answers again
	missing  []*entry // proven missing, the longest first

	ready, stalled, slowed bool
}

// ring is called when a token is there or a probe is due.
func (u *upstream) ring(p *Poller, _ time.Duration) { p.touch(u) }

func (p *Poller) upstreamOf(s Source) *upstream {
	u := p.upstreams[s.Backend]
	if u == nil {
		u = &upstream{key: s.Backend, sources: map[string]*source{}}
		u.owner = u
		p.upstreams[s.Backend] = u
	}
	if u.limits != s.Limits || u.bucket.burst == 0 {
		p.limit(u, s.Limits)
	}
	return u
}

// limit applies new limits.
func (p *Poller) limit(u *upstream, limits Limits) {
	stricter := u.limits.MinInterval != limits.MinInterval
	u.limits = limits
	u.bucket.configure(limits.ReadsPerSecond, limits.Burst, p.now)
	p.touch(u)
	if !stricter {
		return
	}
	for _, s := range u.sources {
		for _, e := range s.entries {
			p.repace(e)
		}
	}
}

// note learns from the end of a read what the backend as a whole is like.
func (p *Poller) note(j job, err error) {
	u := j.entry.src.up
	hint := min(fault.RetryAfter(err), maxRetryAfter)
	v := verdictOf(err)
	wasOpen := u.breaker.open
	if u.breaker.record(v, j.probe, p.now, hint) {
		p.observer.Breaker(u.key, u.breaker.state())
	}
	if v == answered {
		u.answered = p.tick()
	}
	if fault.Is(err, fault.Throttled) {
		until := p.now + max(hint, throttlePause)
		if fault.ForAll(err) {
			u.pausedUntil = max(u.pausedUntil, until)
		} else {
			j.entry.src.pausedUntil = max(j.entry.src.pausedUntil, until)
		}
		p.observer.Throttled(u.key, j.entry.src.silentUntil()-p.now)
		p.readmit(u)
	}
	p.noteHealth(u, err, v)
	switch {
	case v == answered:
		p.revive(u)
	case u.breaker.open && !wasOpen:
		p.readmit(u)
	case u.breaker.open && j.probe:
		p.giveUp(u, j.entry)
	}
}

// throttlePause is how long a backend that says 429 without a hint is left alone by those
// whom that concerns.
const throttlePause = time.Second
