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

	key      string
	limits   Limits
	sources  map[string]*source
	queue    fairQueue[*entry]
	bucket   bucket
	breaker  breaker
	health   Health
	inFlight int

	pausedUntil time.Duration // the backend asked for silence
	answered    tick          // the last answer of any kind
	waiting     []*entry      // to be read soon after the backend answers again
	missing     []*entry      // proven missing, the longest first

	ready, stalled, slowed bool
}

// ring is called when a token is there, a pause ends or a probe is due.
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
func (p *Poller) note(u *upstream, err error, probe bool) {
	hint := min(fault.RetryAfter(err), maxRetryAfter)
	v := verdictOf(err)
	wasOpen := u.breaker.open
	if u.breaker.record(v, probe, p.now, hint) {
		p.observer.Breaker(u.key, u.breaker.state())
	}
	if v == answered {
		u.answered = p.tick()
	}
	if fault.Is(err, fault.Throttled) {
		u.pausedUntil = max(u.pausedUntil, p.now+max(hint, throttlePause))
		p.observer.Throttled(u.key, u.pausedUntil-p.now)
	}
	p.noteHealth(u, err, v)
	if fault.Is(err, fault.Throttled) || (u.breaker.open && !wasOpen) {
		p.readmit(u)
	}
	switch {
	case v == answered:
		p.revive(u)
	case u.breaker.open && probe:
		p.giveUp(u)
	}
}

// throttlePause is how long a backend that says 429 without a hint is left alone.
const throttlePause = time.Second

// readmit decides anew about everything queued, after the backend became unreadable.
func (p *Poller) readmit(u *upstream) {
	queue := u.queue
	u.queue = fairQueue[*entry]{}
	for {
		e, ok := queue.pop()
		if !ok {
			return
		}
		if e.queued {
			e.queued = false
			p.admit(e, e.lane(), e.collectors > 0)
		}
	}
}

// park keeps an entry until the backend answers again.
func (u *upstream) park(e *entry) {
	if !e.waiting {
		e.waiting = true
		u.waiting = append(u.waiting, e)
	}
}

// revive schedules everything that waits for the backend within one interval.
func (p *Poller) revive(u *upstream) {
	waiting := u.waiting
	u.waiting = nil
	for _, e := range waiting {
		e.waiting = false
		if e.detached || e.queued || e.reading {
			continue
		}
		at := recoverAt(p.now, e.base(), e.phase)
		if e.collectors > 0 {
			at = p.now
		}
		p.alarms.hasten(&e.alarm, max(at, e.notBefore))
	}
}

// giveUp fails the entries that waited for what a probe would tell.
func (p *Poller) giveUp(u *upstream) {
	for _, e := range u.waiting {
		if e.err == nil && !e.detached && !e.reading {
			p.failFast(e, u.silence(p.now, 0))
		}
	}
}

// silence says why an entry of the backend cannot be read now, in words that name no
// other entry; nil if it can.
func (u *upstream) silence(now, patience time.Duration) error {
	switch {
	case u.breaker.open:
		return fault.New(fault.Unavailable, u.health.Reason,
			"%s does not answer; it is read again as soon as it does", u.key)
	case u.pausedUntil-now > patience:
		return fault.New(fault.Throttled, "Throttled",
			"%s asks to be read less often; it is read again when the time it asked for is over", u.key)
	}
	return nil
}
