// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// loss is what a subscriber lost of an entry, which few ever do.
type loss struct {
	fields  []backend.Field // that the last read lacked
	mark    mark            // of them
	forgone []backend.Field // what it does without, until it is shown again
}

// missed returns what the last read lacked of what the subscriber takes.
func (r *regard) missed() []backend.Field {
	if r.loss == nil {
		return nil
	}
	return r.loss.fields
}

// misses notes what the last read lacked of what the subscriber takes.
func (r *regard) misses(fields []backend.Field, m mark) {
	now := loss{fields: fields, mark: m}
	if r.loss != nil {
		now.forgone = r.forgone
	}
	if r.loss = nil; len(now.fields)+len(now.forgone) > 0 {
		r.loss = &now
	}
}

// miss notes who takes what a read lacks. Nobody else is troubled by it.
func (p *Poller) miss(e *entry, lacks []lack) {
	for _, l := range e.links {
		r := &l.sub.regards[l.place]
		var missed []backend.Field
		for _, lack := range lacks {
			if e.expects(r, lack.field) {
				missed = append(missed, lack.field)
			}
		}
		r.misses(missed, p.marker.withheld(lacks, missed))
	}
}

// shut notes what nobody is shown any more of an entry that was found and shows nothing.
func (p *Poller) shut(e *entry, found proof) {
	if !slices.ContainsFunc(e.links, func(l link) bool { return l.place >= l.sub.fixed }) {
		return // Nothing can be served without an entry that was named.
	}
	p.miss(e, found.lacks)
	now := e.proven()
	now.lacking = e.lacking(found, p.now)
	e.proofs = &now
}

// expects reports whether a subscriber takes a field that e had.
func (e *entry) expects(r *regard, field backend.Field) bool {
	taken := slices.Contains(r.counted(), field) || r.takes != nil && slices.Contains(e.proven().shown, field) && r.takes(field.Name)
	return taken && !(r.loss != nil && slices.Contains(r.forgone, field))
}

// counted returns the fields that the subscriber counts on, beside those that were shown.
func (r *regard) counted() []backend.Field {
	if r.loss == nil {
		return r.known
	}
	return slices.DeleteFunc(slices.Concat(r.known, r.loss.fields), func(field backend.Field) bool { return slices.Contains(r.forgone, field) })
}

// awaits reports whether a subscriber expects any field of an entry.
func (e *entry) awaits(r *regard) bool {
	return slices.ContainsFunc(slices.Concat(r.counted(), e.proven().shown), func(field backend.Field) bool {
		return e.expects(r, field) && !slices.Contains(e.proven().gone, field)
	})
}

// welcome notes what nobody has to do without any more: it is shown again.
func (e *entry) welcome(read backend.Entry) {
	for _, l := range e.links {
		if r := &l.sub.regards[l.place]; r.loss != nil {
			r.forgone = slices.DeleteFunc(slices.Clone(r.forgone), func(field backend.Field) bool {
				from := place(read, field.Name)
				return from != nil && *from == field.From
			})
			r.misses(r.loss.fields, r.mark)
		}
	}
}

// withheldAt returns what a subscriber misses of the entry at a place, if that is all that is
// wrong with it.
func (s *subscriber) withheldAt(i int) []backend.Field {
	if e := s.entries[i]; e.err == nil || i >= s.fixed && e.bare() {
		return s.regards[i].missed()
	}
	return nil
}

// withheld returns what a subscriber misses, by place.
func (s *subscriber) withheld() map[int][]backend.Field {
	var fields map[int][]backend.Field
	for i := range s.entries {
		if missed := s.withheldAt(i); len(missed) > 0 {
			if fields == nil {
				fields = map[int][]backend.Field{}
			}
			fields[i] = missed
		}
	}
	return fields
}

// mark returns the mark of what the entry at a place is to the subscriber.
func (s *subscriber) mark(i int) mark {
	if len(s.withheldAt(i)) > 0 {
		return s.regards[i].mark
	}
	return s.entries[i].mark
}

// trouble returns why the entry at a place is of no use to the subscriber, nil if it is: it could
// not be read, or lacks what this subscriber takes. Of several reasons it is the one that tells
// most.
func (s *subscriber) trouble(i int) error {
	e, missed := s.entries[i], s.regards[i].missed()
	if e.err != nil || len(missed) == 0 {
		return e.err
	}
	lacks := concerning(e.proven().lacks, missed)
	worst := notProven(e.ref)
	for _, l := range slices.Backward(lacks) {
		if l.asked() && (fault.Is(l.err, fault.Denied) || !fault.Is(worst, fault.Denied)) {
			worst = l.err
		}
	}
	return worst
}

func concerning(lacks []lack, fields []backend.Field) []lack {
	return slices.DeleteFunc(slices.Clone(lacks), func(l lack) bool { return !slices.Contains(fields, l.field) })
}

// inherit takes over from the subscriber in whose place s comes what it misses and does without.
func (s *subscriber) inherit(before *subscriber) {
	places := make(map[*entry]int, len(before.entries))
	for i, e := range before.entries {
		places[e] = i
	}
	for i, e := range s.entries {
		if at, had := places[e]; had && before.regards[at].loss != nil {
			s.regards[i].loss = new(*before.regards[at].loss)
		}
	}
}

// Forgo has a subscriber do without the fields that a snapshot withheld from it, and wakes it with
// one that lacks them. It is those and no others, and each only until it is shown again: a later
// loss is another one. A snapshot that a newer one replaced changes nothing.
func (p *Poller) Forgo(id types.NamespacedName, seq uint64) {
	p.lock()
	defer p.unlock()
	s := p.subscribers[id]
	if s == nil || s.pending == nil || s.pending.snapshot.Seq != seq {
		return
	}
	for i, fields := range s.pending.withheld {
		l := &loss{forgone: fields}
		if now := s.regards[i].loss; now != nil {
			l.mark, l.forgone = now.mark, slices.Concat(now.forgone, fields)
			l.fields = slices.DeleteFunc(slices.Clone(now.fields), func(field backend.Field) bool { return slices.Contains(fields, field) })
		}
		s.regards[i].loss = l
	}
	p.refresh(s)
}
