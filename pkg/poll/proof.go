// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"maps"
	"slices"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// maxProofs bounds how many fields of an entry are proven by one read.
const maxProofs = 16

// maxShown bounds how many fields of an entry are remembered by name: more than a Secret that
// anybody keeps has.
const maxShown = 1024

// expected returns the fields that somebody took of the entry and that are not proven to be
// gone, sorted.
func (e *entry) expected() []string {
	var fields []string
	if slices.ContainsFunc(e.links, func(l link) bool { return l.sub.all[l.place] }) {
		fields = slices.Clone(e.shown)
	}
	for _, l := range e.links {
		fields = append(fields, l.sub.known[l.place]...)
	}
	fields = slices.DeleteFunc(fields, func(field string) bool { return slices.Contains(e.gone, field) })
	slices.Sort(fields)
	return slices.Compact(fields)
}

// lost returns the fields that are expected and not in what was read.
func (e *entry) lost(read backend.Entry) []string { return without(e.expected(), read) }

func without(fields []string, read backend.Entry) (lost []string) {
	for _, field := range fields {
		if _, there := read.Fields[field]; !there {
			lost = append(lost, field)
		}
	}
	return lost
}

// outgrew reports whether a read lacks fields that somebody came to know of while it was made,
// so that nobody asked for them by name.
func (e *entry) outgrew(j job, out outcome) bool {
	return out.err == nil && out.proves && slices.ContainsFunc(e.lost(out.entry), func(field string) bool {
		return !slices.Contains(j.expected, field)
	})
}

// bury notes which fields were proven to be gone, also by a read that failed over another.
func (e *entry) bury(gone []string) { e.gone = append(slices.Clip(e.gone), gone...) }

// forgive notes which fields were shown, and which of those that were gone are back or asked
// for no more.
func (e *entry) forgive(out outcome) {
	e.shown = nil
	if out.proves && len(out.entry.Fields) <= maxShown {
		e.shown = slices.Sorted(maps.Keys(out.entry.Fields))
	}
	e.gone = slices.DeleteFunc(e.gone, func(field string) bool {
		_, back := out.entry.Fields[field]
		return back || !slices.ContainsFunc(e.links, func(l link) bool { return slices.Contains(l.sub.known[l.place], field) })
	})
}

// prove finds out what became of the fields that an entry has lost, one request each: an
// identity that is no longer shown a field reads the same as if it were gone. Its error is
// why the entry does not count as read, and so is that some are left for the next one.
func (p *Poller) prove(ctx context.Context, j job, b backend.Backend, read backend.Entry) (gone []string, err error) {
	prover, able := b.(backend.FieldProver)
	lost := without(j.expected, read)
	if !able || len(lost) == 0 {
		return nil, nil
	}
	for _, field := range lost[:min(len(lost), maxProofs)] {
		_, err := observed(ctx, p, j, OperationProve, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, prover.ProveField(ctx, j.entry.ref, field)
		})
		switch {
		case fault.Is(err, fault.NotFound):
			gone = append(gone, field)
		case err != nil:
			return gone, err
		default:
			return gone, fault.New(fault.Suspicious, "FieldNotListed",
				"field %q of %q is there, but was not among those that were read", field, j.entry.ref.Path())
		}
	}
	if len(lost) > maxProofs {
		return gone, fault.New(fault.Suspicious, "FieldsNotProven",
			"more than %d fields left %q at once: until each was asked for by name, at the next reads, they count as hidden", maxProofs, j.entry.ref.Path())
	}
	return gone, nil
}
