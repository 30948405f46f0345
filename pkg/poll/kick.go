// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

// Kick has the failing entries of a backend read now, and a backend opened that could not
// be: its credential or its specification was edited.
func (p *Poller) Kick(backendKey string) {
	p.lock()
	defer p.unlock()
	u := p.upstreams[backendKey]
	if u == nil {
		return
	}
	if u.breaker.open {
		u.breaker = breaker{probing: u.breaker.probing}
		p.observer.Breaker(u.key, BreakerClosed)
		p.announce(u)
		p.revive(u)
	}
	for _, s := range u.sources {
		s.reopen(s.opening.open)
		for _, e := range s.entries {
			if e.err != nil || len(e.proven().lacks) > 0 {
				p.retry(e)
			}
		}
	}
}

// retry has a failing entry read now, as if it had never failed.
func (p *Poller) retry(e *entry) {
	e.fails, e.notBefore = 0, 0
	p.demand(e, p.tick(), e.lane())
}
