// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/backend"
)

// pending is a snapshot that nobody acknowledged yet.
type pending struct {
	snapshot Snapshot
	marks    []mark
	readings []*reading
	withheld map[int][]backend.Field // by place
	made     time.Duration
	peeked   bool
	shed     bool // the values had to make room
}

// Peek returns the newest complete snapshot of a subscriber that was not acknowledged. If
// its values had to make room for those of others, there is none; it is made anew, and
// the subscriber woken.
func (p *Poller) Peek(id types.NamespacedName) (Snapshot, bool) {
	p.lock()
	defer p.unlock()
	s := p.subscribers[id]
	if s == nil || s.pending == nil {
		return Snapshot{}, false
	}
	if s.pending.shed {
		if s.col == nil {
			p.refresh(s)
		}
		return Snapshot{}, false
	}
	s.pending.peeked = true
	return s.pending.snapshot, true
}

// Ack says that a subscriber is done with a snapshot, for good or ill: its values may go.
// A snapshot that a newer one replaced needs none.
func (p *Poller) Ack(id types.NamespacedName, seq uint64) {
	p.lock()
	defer p.unlock()
	s := p.subscribers[id]
	if s == nil || s.pending == nil || s.pending.snapshot.Seq != seq {
		return
	}
	s.acked = s.pending.marks
	p.withdraw(s)
}

// Told reports whether a snapshot of the current subscription was acknowledged.
func (p *Poller) Told(id types.NamespacedName) bool {
	p.lock()
	defer p.unlock()
	s := p.subscribers[id]
	return s != nil && s.acked != nil
}

// Refresh has all entries of a subscriber read now. The snapshot that follows carries the
// request, and wakes even if nothing changed or the backend must not be asked. The same
// request again, before that snapshot is acknowledged, is none.
func (p *Poller) Refresh(id types.NamespacedName, request string) {
	p.lock()
	defer p.unlock()
	s := p.subscribers[id]
	if s == nil || request == "" || s.request == request ||
		(s.pending != nil && s.pending.snapshot.Request == request) {
		return
	}
	s.request = request
	p.refresh(s)
}

// refresh has every entry of s read by a read that starts after now.
func (p *Poller) refresh(s *subscriber) {
	if s.col == nil {
		p.collect(s)
	}
	now := p.tick()
	for i, e := range s.entries {
		s.col.after[i] = now
		p.demand(e, now, s.id.Namespace)
	}
	p.unsettle(s)
}

// present makes the snapshot of a complete collection, unless it has nothing to say.
func (p *Poller) present(s *subscriber, whole bool) {
	marks := s.marks()
	if p.superfluous(s, marks) {
		p.endCollection(s)
		return
	}
	old := s.pending
	p.seq++
	next := &pending{marks: marks, made: p.now, withheld: s.withheld(), snapshot: Snapshot{
		Seq:     p.seq,
		Epoch:   s.epoch,
		Request: s.request,
		Changed: s.acked == nil || !slices.Equal(marks, s.acked),
	}}
	next.snapshot.Results, next.snapshot.Found = p.results(s, whole)
	if old != nil {
		// What was looked at may have been served, and what was asked is answered.
		next.snapshot.Changed = next.snapshot.Changed || (old.peeked && old.snapshot.Changed)
		if next.snapshot.Request == "" {
			next.snapshot.Request = old.snapshot.Request
		}
	}
	for _, e := range s.entries {
		if at := p.time(e.endedAt); at.After(next.snapshot.At) {
			next.snapshot.At = at
		}
	}
	if whole {
		next.readings = s.share()
	}
	p.withdraw(s)
	s.pending, s.request = next, ""
	if len(next.readings) > 0 {
		p.unacked++
	}
	p.endCollection(s)
	p.wakes = append(p.wakes, s.id)
	signal(p.news)
}

// share returns the values of a whole snapshot, which shows each: folders and what is absent
// have none.
func (s *subscriber) share() (readings []*reading) {
	for _, e := range s.entries {
		if e.err == nil && e.held != nil {
			e.held.share()
			readings = append(readings, e.held)
		}
	}
	return readings
}

// superfluous reports whether marks are nothing new to s. A snapshot that nobody looked
// at is taken back if what it told has passed.
func (p *Poller) superfluous(s *subscriber, marks []mark) bool {
	if s.request != "" || s.told() == nil || (s.pending != nil && s.pending.shed) {
		return false
	}
	if slices.Equal(marks, s.told()) {
		return true
	}
	old := s.pending
	if old == nil || old.peeked || old.snapshot.Request != "" || s.acked == nil || !slices.Equal(marks, s.acked) {
		return false
	}
	p.withdraw(s)
	return true
}

// withdraw drops the pending snapshot and its values.
func (p *Poller) withdraw(s *subscriber) {
	old := s.pending
	if old == nil {
		return
	}
	s.pending = nil
	p.empty(old)
}

// empty lets the values of a snapshot go.
func (p *Poller) empty(n *pending) {
	if len(n.readings) > 0 {
		p.unacked--
	}
	for _, r := range n.readings {
		p.release(r)
	}
	n.readings = nil
	n.snapshot.Results = nil
}

// results returns what is known of the wants, and behind it of what was found and is there.
func (p *Poller) results(s *subscriber, whole bool) (results []Result, found []Found) {
	results = make([]Result, 0, len(s.entries))
	for i := range s.entries {
		if place := i - s.fixed; place >= 0 {
			if s.absent(i) {
				continue
			}
			found = append(found, s.quest.found[place])
		}
		results = append(results, p.result(s, i, whole))
	}
	return results, found
}

func (p *Poller) result(s *subscriber, i int, whole bool) Result {
	e := s.entries[i]
	r := Result{LastGood: p.time(e.good.at), Versions: e.versions, Withheld: s.withheldAt(i)}
	switch {
	case e.err != nil:
		r.Err, r.Gone, r.MassGone = e.err, e.missing.gone, e.missing.mass
	case len(r.Withheld) > 0:
		r.Err, r.LastGood = s.trouble(i), p.time(e.proven().wholeAt)
	case e.lists():
		r.Names = e.names
	default:
		r.Entry = backend.Entry{Version: e.good.version, VersionTime: e.good.made}
		if whole {
			r.Entry.Fields, r.Entry.Values = e.held.read.Fields, e.held.read.Values
		}
	}
	return r
}
