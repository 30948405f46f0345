// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// maxProofs bounds how many fields of an entry are asked for by name in one read.
const maxProofs = 16

// reasonFieldsNotProven is the reason of the error for fields that were not asked for yet.
const reasonFieldsNotProven = "FieldsNotProven"

// lack is a field that a read lacked though somebody took it, and why it does not count as gone.
type lack struct {
	field backend.Field
	err   error
}

// asked reports whether the field was asked for by name.
func (l lack) asked() bool { return fault.ReasonOf(l.err) != reasonFieldsNotProven }

// lacking is what an entry lacked when it was last read.
type lacking struct {
	lacks []lack
	// turns counts how often all of them were asked for, dueAt is when they are again.
	turns int
	dueAt time.Duration
	// wholeAt is the end of the last good read that lacked nothing; zero is never.
	wholeAt time.Duration
}

// proof is what asking for the fields that a read lacks has found out.
type proof struct {
	gone     []backend.Field
	lacks    []lack
	anew     bool // what was known before was asked for again
	requests int
}

// prove finds out what became of the fields that an entry has lost, one request each: an
// identity that is no longer shown a field reads the same as if it were gone. Its error is why
// nobody can tell now; the entry does not count as read then.
func (p *Poller) prove(ctx context.Context, j job, b backend.Backend, read backend.Entry) (found proof, err error) {
	prover, able := b.(backend.FieldProver)
	lost := without(j.expected, read)
	if !able || len(lost) == 0 {
		return proof{}, nil
	}
	found.anew = len(j.told) == 0
	for _, field := range lost {
		if at := slices.IndexFunc(j.told, func(l lack) bool { return l.field == field }); at >= 0 {
			found.lacks = append(found.lacks, j.told[at])
			continue
		}
		why := notProven(j.entry.ref)
		if found.requests < maxProofs {
			found.requests++
			why = p.proveOne(ctx, j, prover, lack{field: field}, place(read, field.Name))
		}
		switch {
		case fault.Is(why, fault.NotFound):
			found.gone = append(found.gone, field)
		case fault.Is(why, fault.Denied, fault.Suspicious):
			found.lacks = append(found.lacks, lack{field, why})
		default:
			return proof{gone: found.gone, requests: found.requests}, why
		}
	}
	return found, nil
}

// proveOne returns why a field is not there.
func (p *Poller) proveOne(ctx context.Context, j job, prover backend.FieldProver, lost lack, shown *backend.Origin) error {
	_, err := observed(ctx, p, j, OperationProve, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, prover.ProveField(ctx, j.entry.ref, lost.field, shown)
	})
	if err == nil {
		return fault.New(fault.Suspicious, "FieldNotListed",
			"field %q of %q is there, but was not among those that were read", lost.field.Name, j.entry.ref.Path())
	}
	return err
}

func notProven(ref backend.EntryRef) error {
	return fault.New(fault.Suspicious, reasonFieldsNotProven,
		"more than %d fields left %q at once: until each was asked for by name, at the next reads, they count as hidden", maxProofs, ref.Path())
}

// lacking returns what e lacks after a read.
func (e *entry) lacking(found proof, now time.Duration) lacking {
	before := e.proven().lacking
	after := lacking{lacks: found.lacks, turns: before.turns, dueAt: before.dueAt, wholeAt: before.wholeAt}
	if len(before.lacks) == 0 {
		after.wholeAt = e.good.at
	}
	if found.anew {
		after.turns++
		after.dueAt = now + backoff(e.base(), after.turns)
	}
	if len(found.lacks) == 0 {
		return lacking{}
	}
	return after
}

// told returns what needs not be asked for again: what is lacking is asked for with growing
// pauses, and when somebody waits.
func (e *entry) told(now time.Duration) (told []lack) {
	known := e.proven()
	if e.collectors > 0 || now >= known.dueAt {
		return nil
	}
	for _, l := range known.lacks {
		if l.asked() {
			told = append(told, l)
		}
	}
	return told
}

// unproven reports whether something that is lacking is to be asked for.
func (e *entry) unproven(now time.Duration) bool {
	known := e.proven()
	return len(known.lacks) > 0 && (now >= known.dueAt || slices.ContainsFunc(known.lacks, func(l lack) bool { return !l.asked() }))
}
