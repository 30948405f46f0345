// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

// dispatchProbe starts the one read that probes a backend whose breaker is open.
func (p *Poller) dispatchProbe(u *upstream, jobs []job) []job {
	if u.breaker.probing || u.inFlight >= p.maxInFlight {
		return jobs
	}
	if wait := u.breaker.probeAt - p.now; wait > 0 {
		p.alarms.set(&u.alarm, p.now+wait)
		return jobs
	}
	e, until := u.candidate(p.now)
	switch {
	case e != nil:
		u.breaker.probing = true
		jobs = append(jobs, p.start(e, true))
	case until > 0:
		p.alarms.set(&u.alarm, until)
	}
	return jobs
}

// candidate returns the entry to probe with, or when there will be one. Those that did not
// fail much come first, lest one tenant's broken entries speak for the backend; among
// equals the one that was tried the longest ago.
func (u *upstream) candidate(now time.Duration) (best *entry, until time.Duration) {
	u.waiting = slices.DeleteFunc(u.waiting, func(e *entry) bool { return e.detached })
	for _, e := range u.waiting {
		at := e.probeAt()
		switch {
		case e.reading || e.src.openErr != nil:
		case at > now:
			until = shorter(until, at)
		case best == nil || e.fails < best.fails || (e.fails == best.fails && e.tried < best.tried):
			best = e
		}
	}
	return best, until
}

// probeAt returns from when on e may be the probe: at once if it is due, else when a
// healthy one would be, or half a minute after its last read.
func (e *entry) probeAt() time.Duration {
	if e.place == 0 {
		return e.src.silentUntil()
	}
	return max(e.notBefore, e.src.silentUntil(), e.startedAt+min(e.base(), maxProbePause))
}

// readmit decides anew about everything queued, after the backend became unreadable, for
// all or for one identity.
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

// giveUp fails the entries that waited for what a probe would tell. A probe with an entry
// that failed before is not enough for those that were good: one of them is the next.
func (p *Poller) giveUp(u *upstream, probe *entry) {
	decisive := probe.fails == 0
	for _, e := range u.waiting {
		if e == probe || e.err != nil || e.detached || e.reading {
			continue
		}
		if decisive || e.good.at == 0 {
			p.failFast(e, u.silent())
		}
	}
}

// silent says, in words that name no other entry, that the backend does not answer.
func (u *upstream) silent() error {
	return fault.New(fault.Unavailable, u.health.Reason,
		"%s does not answer; it is read again as soon as it does", u.key)
}

// throttled says that the backend asked an identity for a longer silence.
func (u *upstream) throttled() error {
	return fault.New(fault.Throttled, "Throttled",
		"%s asks to be read less often; it is read again when the time it asked for is over", u.key)
}
