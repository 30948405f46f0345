// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/backend"
)

// maxShown bounds how many fields of an entry are remembered by name: more than a Secret that
// anybody keeps has.
const maxShown = 1024

// proofs are what is known of single fields of an entry.
type proofs struct {
	// shown are those of the last good read.
	shown []backend.Field
	// gone are those that were proven to be gone, as long as they are wanted.
	gone []backend.Field

	lacking
}

// proven returns the proofs; none if there are none.
func (e *entry) proven() proofs {
	if e.proofs == nil {
		return proofs{}
	}
	return *e.proofs
}

// regard is what a subscriber takes of an entry.
type regard struct {
	known   []backend.Field         // the fields that it knows of the entry
	takes   func(field string) bool // which it takes, whatever they are called; nil is none
	settled bool                    // a read showed or disproved what it knew
	*loss
}

// expected returns the fields that somebody took of the entry and that are not proven to be
// gone, sorted. Which of those that were shown nobody takes is not asked here, for every read.
func (e *entry) expected() []backend.Field {
	var fields []backend.Field
	if slices.ContainsFunc(e.links, func(l link) bool { return l.sub.regards[l.place].takes != nil }) {
		fields = slices.Clone(e.proven().shown)
	}
	for _, l := range e.links {
		fields = append(fields, l.sub.regards[l.place].counted()...)
	}
	fields = slices.DeleteFunc(fields, func(field backend.Field) bool { return slices.Contains(e.proven().gone, field) })
	slices.SortFunc(fields, func(a, b backend.Field) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.From.Container, b.From.Container),
			cmp.Compare(a.From.Path, b.From.Path), compareBools(a.From.Beyond, b.From.Beyond))
	})
	return slices.Compact(fields)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// lost returns the fields that are expected and not in what was read, or from elsewhere.
func (e *entry) lost(read backend.Entry) []backend.Field { return without(e.expected(), read) }

func without(fields []backend.Field, read backend.Entry) (lost []backend.Field) {
	for _, field := range fields {
		if from := place(read, field.Name); from == nil || *from != field.From {
			lost = append(lost, field)
		}
	}
	return lost
}

// place returns where the value of a field comes from, nil if there is none.
func place(read backend.Entry, field string) *backend.Origin {
	if _, there := read.Fields[field]; !there {
		return nil
	}
	return new(read.Values[field].From)
}

// outgrew reports whether a read lacks fields that somebody came to know of while it was made,
// so that nobody asked for them by name.
func (e *entry) outgrew(j job, out outcome) bool {
	return out.err == nil && out.proves && slices.ContainsFunc(e.lost(out.entry), func(field backend.Field) bool {
		return !slices.Contains(j.expected, field)
	})
}

// bury notes which fields were proven to be gone, also by a read that failed over another.
func (e *entry) bury(gone []backend.Field) {
	if len(gone) > 0 {
		now := e.proven()
		now.gone = slices.Concat(now.gone, gone)
		e.proofs = &now
	}
}

// learn notes which fields a read showed, which it lacked, and which of those that were gone are
// back or asked for no more.
func (p *Poller) learn(e *entry, out outcome) {
	p.miss(e, out.proof.lacks)
	now := proofs{gone: e.proven().gone, lacking: e.lacking(out.proof, p.now)}
	if out.proves && len(out.entry.Fields) <= maxShown {
		for name := range out.entry.Fields {
			now.shown = append(now.shown, backend.Field{Name: name, From: out.entry.Values[name].From})
		}
	}
	e.settle(now.shown != nil)
	e.welcome(out.entry)
	now.gone = slices.DeleteFunc(slices.Clone(now.gone), func(field backend.Field) bool {
		from := place(out.entry, field.Name)
		return from != nil && *from == field.From || !slices.ContainsFunc(e.links, func(l link) bool { return slices.Contains(l.sub.regards[l.place].known, field) })
	})
	e.proofs = nil
	if len(now.shown)+len(now.gone)+len(now.lacks) > 0 {
		e.proofs = &now
	}
}

// know takes over what the subscriber knows of the entry at a place. Who takes every field
// knows those that were read, and after a read that took in the rest, nothing beside them.
func (s *subscriber) know(i int, w *Want) {
	if w.Find != nil {
		return // A folder has no fields.
	}
	regard := &s.regards[i]
	regard.takes = w.Takes
	regard.settled = regard.settled && w.Takes != nil && s.entries[i].proven().shown != nil
	if !regard.settled {
		regard.known = w.Known
	}
}

// settle notes for all who take every field that a good read told what they have to know.
func (e *entry) settle(shown bool) {
	for _, l := range e.links {
		if regard := &l.sub.regards[l.place]; regard.takes != nil && shown && len(regard.missed()) == 0 {
			regard.settled, regard.known = true, nil
		}
	}
}

// Settled reports whether the subscriber is of that epoch, takes every field of its entries,
// and all of them were read since: what it knew of them is of no use any more.
func (p *Poller) Settled(id types.NamespacedName, epoch string) bool {
	p.lock()
	defer p.unlock()
	s := p.subscribers[id]
	return s != nil && s.epoch == epoch && !slices.ContainsFunc(s.regards, func(r regard) bool { return !r.settled })
}
