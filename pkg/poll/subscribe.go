// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// subscriber is one subscription and how far it has been told.
type subscriber struct {
	id       types.NamespacedName
	epoch    string
	interval time.Duration
	entries  []*entry // those of the wants, and behind them what was found
	fixed    int      // how many are those of the wants
	quest    *quest   // nil if no want is a search
	regards  []regard // by place
	request  string   // a requested refresh that is not answered

	acked   []mark // nil before the first acknowledgement
	pending *pending
	col     *collection

	unsettled, detached bool
}

// told returns the marks of the newest snapshot; nil if there was none.
func (s *subscriber) told() []mark {
	if s.pending != nil {
		return s.pending.marks
	}
	return s.acked
}

// marks returns what is known of the entries now.
func (s *subscriber) marks() []mark {
	marks := make([]mark, len(s.entries))
	for i := range s.entries {
		marks[i] = s.mark(i)
	}
	return marks
}

// upToDate reports whether the newest snapshot tells all that is known.
func (s *subscriber) upToDate() bool {
	told := s.told()
	for i := range s.entries {
		if told[i] != s.mark(i) {
			return false
		}
	}
	return true
}

// Subscribe says what a subscriber wants from now on. It may be called as often as one
// likes: without a change it does nothing. Another epoch, or other wants, start the
// subscriber anew with a first snapshot. What is at hand can be peeked at when it returns, and
// no Wake tells of that.
func (p *Poller) Subscribe(id types.NamespacedName, s Subscription) {
	p.lock()
	defer p.unlock()
	old := p.subscribers[id]
	if old != nil && old.epoch == s.Epoch && p.sameWants(old, s.Wants) {
		p.seekAnew(old, s.Wants)
		if old.interval != s.Interval {
			old.interval = s.Interval
			for _, e := range old.entries {
				p.repace(e)
			}
		}
		return
	}
	fresh := &subscriber{id: id, epoch: s.Epoch, interval: s.Interval}
	p.subscribers[id] = fresh
	p.link(fresh, s.Wants)
	p.collect(fresh)
	if old != nil {
		fresh.request = old.request
		if fresh.request == "" && old.pending != nil {
			fresh.request = old.pending.snapshot.Request
		}
		p.detach(old)
	}
	p.first(fresh)
	p.settle()
	p.hush(id)
}

// hush takes back what a subscriber was to be woken for, because it is about to look.
func (p *Poller) hush(id types.NamespacedName) {
	p.wakes = slices.DeleteFunc(p.wakes, func(woken types.NamespacedName) bool { return woken == id })
}

// Unsubscribe forgets a subscriber and what only it wanted.
func (p *Poller) Unsubscribe(id types.NamespacedName) {
	p.lock()
	defer p.unlock()
	if s := p.subscribers[id]; s != nil {
		delete(p.subscribers, id)
		p.detach(s)
	}
}

// sameWants reports whether wants are those of s; limits are taken over on the way.
func (p *Poller) sameWants(s *subscriber, wants []Want) bool {
	if s.fixed != len(wants) {
		return false
	}
	for i := range wants {
		w, e := &wants[i], s.entries[i]
		u := e.src.up
		if u.key != w.Source.Backend || e.src.identity != w.Source.Identity || e.ref != w.Ref || e.as != kindOf(w) {
			return false
		}
		s.know(i, w)
		if u.limits != w.Source.Limits {
			p.limit(u, w.Source.Limits)
		}
	}
	return true
}

// attach links s with the entry of its i-th want.
func (p *Poller) attach(s *subscriber, i int, w Want) *entry {
	u := p.upstreamOf(w.Source)
	src := u.sources[w.Source.Identity]
	if src == nil {
		src = &source{up: u, identity: w.Source.Identity, entries: map[wanted]*entry{}}
		src.opening = &opening{open: w.Source.Open}
		u.sources[src.identity] = src
	}
	src.reopen(w.Source.Open)
	e := src.entries[wanted{w.Ref, kindOf(&w)}]
	if e == nil {
		e = &entry{src: src, ref: w.Ref, as: kindOf(&w), phase: phaseOf(u.key, src.identity, w.Ref)}
		e.owner = e
		src.entries[wanted{e.ref, e.as}] = e
	}
	e.links = append(e.links, link{sub: s, place: i})
	p.repace(e)
	return e
}

// first has the entries read that a new subscriber cannot be told about otherwise.
func (p *Poller) first(s *subscriber) {
	if s.request != "" {
		p.refresh(s)
		return
	}
	for i, e := range s.entries {
		if !p.fresh(e) {
			s.col.after[i] = e.tried
			p.demand(e, e.tried, s.id.Namespace)
		}
	}
	p.unsettle(s)
}

// fresh reports whether what is known of e serves a newcomer: a value at hand from within
// the interval, or a failure of this very moment.
func (p *Poller) fresh(e *entry) bool {
	if e.err != nil {
		return e.startedAt > 0 && !e.src.reopened && p.now-e.startedAt < max(e.src.up.limits.MinInterval, time.Second)
	}
	return e.atHand() && p.now-e.good.at <= e.base() && (e.lists() || len(e.lost(e.held.read)) == 0)
}

// detach unlinks s from its entries, and forgets those that nobody wants.
func (p *Poller) detach(s *subscriber) {
	s.detached = true
	p.endCollection(s)
	p.withdraw(s)
	for _, e := range s.entries {
		e.links = slices.DeleteFunc(e.links, func(l link) bool { return l.sub == s })
		if len(e.links) > 0 {
			p.repace(e)
			continue
		}
		p.forget(e)
	}
}

// forget removes an entry that nobody wants.
func (p *Poller) forget(e *entry) {
	if e.detached {
		return
	}
	e.detached, e.queued = true, false
	p.alarms.clear(&e.alarm)
	p.found(e)
	p.drop(e)
	delete(e.src.entries, wanted{e.ref, e.as})
	p.discard(e.src)
}

// repace takes over another interval; a healthy entry that is at rest is scheduled anew.
func (p *Poller) repace(e *entry) {
	before := e.interval
	e.resetInterval()
	if e.interval == before || !e.read() || e.queued || e.reading || e.err != nil {
		return
	}
	p.reschedule(e)
}
