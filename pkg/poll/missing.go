// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

const (
	// massLeast and massShare: at least three, and more than a tenth.
	massLeast = 3
	massShare = 10
	// massWindow is how far apart entries of a short interval may be found missing and
	// still have vanished at once.
	massWindow = 10 * time.Minute
)

// missing is what is known of an entry that is not there.
type missing struct {
	since time.Duration // start of the first read in a row that proved it; 0 is never
	gone  bool          // proven again, late enough
	mass  bool          // with too many others, and so it stays: they may come back one by one
}

// missingEntry reports whether err says that the entry itself is not there, while what
// holds it may be. A pinned version that is not there says nothing of the entry.
func missingEntry(ref backend.EntryRef, err error) bool {
	if !fault.Is(err, fault.NotFound) {
		return false
	}
	switch fault.ReasonOf(err) {
	case backend.ReasonEntryNotFound:
		return true
	case backend.ReasonEntryDeleted, backend.ReasonVersionDestroyed:
		return ref.Version() == ""
	default:
		return false
	}
}

// lost records that a read failed: once more missing, or nothing is known any more.
func (p *Poller) lost(e *entry, out outcome) {
	if !out.alive || !missingEntry(e.ref, out.err) {
		p.found(e)
		return
	}
	u := e.src.up
	u.bucket.spend(p.now) // the proof was a request too
	if e.missing.since == 0 {
		e.missing.since = e.startedAt
		u.missing = append(u.missing, e)
		return
	}
	if e.startedAt-e.missing.since < u.proving(e) {
		return
	}
	e.missing.gone = true
	e.missing.mass = e.missing.mass || u.vanished(e)
}

// proving returns how long e must be missing: one interval, and so long that the others of
// the backend were read meanwhile, or many that vanished at once would look like a few.
func (u *upstream) proving(e *entry) time.Duration {
	longest := e.base()
	for _, s := range u.sources {
		for _, other := range s.entries {
			longest = max(longest, other.base())
		}
	}
	return max(e.base(), min(longest, massWindow))
}

// found records that e is not proven missing.
func (p *Poller) found(e *entry) {
	if e.missing.since == 0 {
		return
	}
	e.missing = missing{}
	u := e.src.up
	u.missing = slices.DeleteFunc(u.missing, func(other *entry) bool { return other == e })
}

// vanished reports whether e vanished together with so many others that it looks like an
// accident. Compared are the entries read since then: what has not been read since may
// be missing as well.
func (u *upstream) vanished(e *entry) bool {
	window := max(massWindow, 2*e.base())
	together := 0
	for _, other := range u.missing {
		if (other.missing.since - e.missing.since).Abs() <= window {
			together++
		}
	}
	known := 0
	for _, s := range u.sources {
		for _, other := range s.entries {
			if !other.probes() && !other.lists() && (other.startedAt >= e.missing.since || other.missing.since > 0) {
				known++
			}
		}
	}
	return tooMany(together, known)
}

// tooMany reports whether so many of all vanishing at once is suspicious.
func tooMany(together, all int) bool {
	return together >= massLeast && together*massShare > all
}
