// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strconv"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// ReasonStaleRead is the reason of an answer that is older than one seen before: a
// standby that lags behind.
const ReasonStaleRead = "StaleRead"

// stalePatience is how long an older answer must persist to be believed: after a restore
// from a backup the backend really is older.
const stalePatience = 5 * time.Minute

// doubt returns the outcome's error, or that the answer is older than the last good one.
func (p *Poller) doubt(e *entry, out outcome) error {
	if out.err != nil || out.unchanged {
		return out.err
	}
	answer := state{version: out.entry.Version, made: out.entry.VersionTime}
	if e.ref.Version() != "" || !older(answer, e.good) && !rewound(e.good.values, p.stampsOf(out.entry)) {
		return nil
	}
	if e.staleFrom == 0 {
		e.staleFrom = p.now
	}
	if p.now-e.staleFrom >= stalePatience {
		return nil
	}
	return fault.New(fault.Unavailable, ReasonStaleRead,
		"the backend answered with an older version than before; it is believed if it stays so for five minutes")
}

// older reports whether an answer has a lower version *and* was made earlier. A lower
// version made later is an entry that was deleted for good and made anew.
func older(answer, known state) bool {
	a, errA := strconv.ParseUint(answer.version, 10, 64)
	k, errK := strconv.ParseUint(known.version, 10, 64)
	if errA != nil || errK != nil || answer.made.IsZero() || known.made.IsZero() {
		return false
	}
	return a < k && answer.made.Before(known.made)
}

// stamp is one value at one version: what stands for its ID, and the number.
type stamp struct{ id, version uint64 }

// stampsOf returns the stamps of an entry's values, ordered by ID, where values have versions
// that are numbers; none of entries that have more than anybody keeps.
func (p *Poller) stampsOf(read backend.Entry) []stamp {
	if len(read.Values) == 0 || len(read.Values) > maxShown {
		return nil
	}
	stamps := make([]stamp, 0, len(read.Values))
	for _, value := range read.Values {
		if version, err := strconv.ParseUint(value.Version, 10, 64); err == nil && value.ID != "" {
			stamps = append(stamps, stamp{id: maphash.String(p.seed, value.ID), version: version})
		}
	}
	slices.SortFunc(stamps, func(a, b stamp) int { return cmp.Compare(a.id, b.id) })
	return slices.Clip(stamps)
}

// rewound reports whether a value has a lower version than before. The versions of a value
// only grow; one that was deleted and made anew has another ID. What is there and was not, or
// is there no more, says nothing of age.
func rewound(before, now []stamp) bool {
	return slices.ContainsFunc(now, func(s stamp) bool {
		at, known := slices.BinarySearchFunc(before, s.id, func(known stamp, id uint64) int { return cmp.Compare(known.id, id) })
		return known && s.version < before[at].version
	})
}
