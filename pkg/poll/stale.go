// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"strconv"
	"time"

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
	if e.ref.Version() != "" || !older(answer, e.good) {
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
