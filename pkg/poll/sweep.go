// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import "time"

// maxSweeps is how often all entries of a subscriber are read again at once; then its
// next interval continues.
const maxSweeps = 3

// collection is a subscriber's wait for its next snapshot.
type collection struct {
	after    []tick // each entry's attempt has to start after this
	sweeps   int
	resumeAt time.Duration // no sweep before
}

// progress is how far a collection is.
type progress int

const (
	// incomplete: an entry has not been read.
	incomplete progress = iota
	// broken: all were read and one failed, so there is nothing to render.
	broken
	// torn: the reads do not prove a moment at which all values held.
	torn
	// whole: they do, and all values are at hand.
	whole
)

// judge says how far a collection is and, if torn, after which tick the entries have to
// be read again.
//
// A value held from the end of the first read that found it to the start of the last.
// All values held at once if these spans have a moment in common, that is if the last of
// the ends is before the first of the starts: the double collect of shared memory
// algorithms, with the reads of other subscribers counted in.
//
// Of the entries that were found, one may be missing: then it is that which held.
func (s *subscriber) judge(after []tick) (progress, tick) {
	failed, missing := false, false
	lastEnd, firstStart := tick(0), ^tick(0)
	for i, e := range s.entries {
		if e.tried <= after[i] {
			return incomplete, 0
		}
		held, absent := s.span(i), s.absent(i)
		failed = failed || s.trouble(i) != nil && !absent
		missing = missing || !e.atHand() && !absent
		lastEnd = max(lastEnd, held.first)
		firstStart = min(firstStart, held.last)
	}
	switch {
	case failed:
		return broken, 0
	case !single(s.entries) && lastEnd > firstStart:
		return torn, lastEnd
	case missing:
		return torn, 0
	default:
		return whole, 0
	}
}

// single reports whether all wants are one and the same entry.
func single(entries []*entry) bool {
	for _, e := range entries {
		if e != entries[0] {
			return false
		}
	}
	return true
}

// observe marks the subscribers of an entry that was read.
func (p *Poller) observe(e *entry) {
	for _, l := range e.links {
		if l.sub.col != nil || l.sub.told()[l.place] != l.sub.mark(l.place) {
			p.unsettle(l.sub)
		}
	}
}

func (p *Poller) unsettle(s *subscriber) {
	if !s.unsettled {
		s.unsettled = true
		p.unsettled = append(p.unsettled, s)
	}
}

// settle brings every subscriber up to date whose entries were read.
func (p *Poller) settle() {
	for len(p.unsettled) > 0 {
		s := p.unsettled[0]
		p.unsettled = p.unsettled[1:]
		s.unsettled = false
		if !s.detached {
			p.advance(s)
		}
	}
	p.flow()
}

// advance takes a collection as far as it goes.
func (p *Poller) advance(s *subscriber) {
	if p.follow(s) {
		return
	}
	if s.col == nil {
		if s.upToDate() {
			return
		}
		p.collect(s)
	}
	switch how, bound := s.judge(s.col.after); how {
	case incomplete:
	case torn:
		p.sweep(s, bound)
	case broken, whole:
		p.present(s, how == whole)
	}
}

// collect begins to wait for a snapshot.
func (p *Poller) collect(s *subscriber) {
	s.col = &collection{after: make([]tick, len(s.entries))}
	for _, e := range s.entries {
		e.collectors++
	}
}

// endCollection is the end of the wait; the values nobody else needs go.
func (p *Poller) endCollection(s *subscriber) {
	if s.col == nil {
		return
	}
	s.col = nil
	for _, e := range s.entries {
		e.collectors--
		p.trim(e)
	}
}

// sweep has the entries read again that the snapshot cannot use.
func (p *Poller) sweep(s *subscriber, bound tick) {
	c := s.col
	if p.now < c.resumeAt {
		return
	}
	if c.resumeAt > 0 {
		c.sweeps, c.resumeAt = 0, 0
	}
	if c.sweeps >= maxSweeps {
		p.rest(s, bound)
		return
	}
	c.sweeps++
	for i, e := range s.entries {
		if s.span(i).last > bound && (e.atHand() || s.absent(i)) {
			continue
		}
		c.after[i] = max(bound, e.tried)
		p.demand(e, c.after[i], s.id.Namespace)
	}
}

// rest puts sweeping off by an interval.
func (p *Poller) rest(s *subscriber, bound tick) {
	s.col.resumeAt = p.now + min(max(s.interval, minBase), maxBackoff)
	for i, e := range s.entries {
		if s.span(i).last <= bound && !e.queued && !e.reading {
			p.alarms.hasten(&e.alarm, s.col.resumeAt)
		}
	}
}
