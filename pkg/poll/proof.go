// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"cmp"
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// maxProofs bounds how many fields of an entry are proven by one read.
const maxProofs = 16

// maxShown bounds how many fields of an entry are remembered by name: more than a Secret that
// anybody keeps has.
const maxShown = 1024

// proofs are what is known of single fields of an entry.
type proofs struct {
	// shown are those of the last good read.
	shown []backend.Field
	// gone are those that were proven to be gone, as long as they are wanted.
	gone []backend.Field
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
	known   []backend.Field // the fields that it knows of the entry
	all     bool            // it takes every field
	settled bool            // a read showed or disproved what it knew
}

// expected returns the fields that somebody took of the entry and that are not proven to be
// gone, sorted.
func (e *entry) expected() []backend.Field {
	var fields []backend.Field
	if slices.ContainsFunc(e.links, func(l link) bool { return l.sub.regards[l.place].all }) {
		fields = slices.Clone(e.proven().shown)
	}
	for _, l := range e.links {
		fields = append(fields, l.sub.regards[l.place].known...)
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
		e.proofs = &proofs{shown: e.proven().shown, gone: slices.Concat(e.proven().gone, gone)}
	}
}

// forgive notes which fields were shown, and which of those that were gone are back or asked
// for no more.
func (e *entry) forgive(out outcome) {
	now := proofs{gone: e.proven().gone}
	if out.proves && len(out.entry.Fields) <= maxShown {
		for name := range out.entry.Fields {
			now.shown = append(now.shown, backend.Field{Name: name, From: out.entry.Values[name].From})
		}
	}
	e.settle(now.shown != nil)
	now.gone = slices.DeleteFunc(slices.Clone(now.gone), func(field backend.Field) bool {
		from := place(out.entry, field.Name)
		return from != nil && *from == field.From || !slices.ContainsFunc(e.links, func(l link) bool { return slices.Contains(l.sub.regards[l.place].known, field) })
	})
	e.proofs = nil
	if len(now.shown)+len(now.gone) > 0 {
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
	regard.all = w.All
	regard.settled = regard.settled && w.All && s.entries[i].proven().shown != nil
	if !regard.settled {
		regard.known = w.Known
	}
}

// settle notes for all who take every field that a good read told what they have to know.
func (e *entry) settle(shown bool) {
	for _, l := range e.links {
		if regard := &l.sub.regards[l.place]; regard.all && shown {
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

// prove finds out what became of the fields that an entry has lost, one request each: an
// identity that is no longer shown a field reads the same as if it were gone. Its error is
// why the entry does not count as read, and so is that some are left for the next one.
func (p *Poller) prove(ctx context.Context, j job, b backend.Backend, read backend.Entry) (gone []backend.Field, err error) {
	prover, able := b.(backend.FieldProver)
	lost := without(j.expected, read)
	if !able || len(lost) == 0 {
		return nil, nil
	}
	for _, field := range lost[:min(len(lost), maxProofs)] {
		_, err := observed(ctx, p, j, OperationProve, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, prover.ProveField(ctx, j.entry.ref, field, place(read, field.Name))
		})
		switch {
		case fault.Is(err, fault.NotFound):
			gone = append(gone, field)
		case err != nil:
			return gone, err
		default:
			return gone, fault.New(fault.Suspicious, "FieldNotListed",
				"field %q of %q is there, but was not among those that were read", field.Name, j.entry.ref.Path())
		}
	}
	if len(lost) > maxProofs {
		return gone, fault.New(fault.Suspicious, "FieldsNotProven",
			"more than %d fields left %q at once: until each was asked for by name, at the next reads, they count as hidden", maxProofs, j.entry.ref.Path())
	}
	return gone, nil
}
