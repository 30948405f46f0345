// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Bounds of the pause before a failed write is tried again.
const (
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
	// A conflict means that somebody else was quicker: look again at once.
	firstConflict = 10 * time.Millisecond
	lastConflict  = 5 * time.Second
)

// RetryAfter returns the pause before the attempt that follows the given number of
// failed ones; zero means that an event (an edit, a read, a watch) will come instead.
// Failed reads are repeated by pkg/poll and therefore never here.
func RetryAfter(err error, attempts int) time.Duration {
	switch fault.ClassOf(err) {
	case fault.Conflict:
		return min(lastConflict, firstConflict<<doublings(attempts))
	case fault.NotOwned, fault.Rejected, fault.Internal, fault.Suspicious:
		return min(lastRetry, max(fault.RetryAfter(err), firstRetry<<doublings(attempts)))
	default:
		return 0
	}
}

// doublings returns how often a pause is doubled: enough to reach either bound, and too
// rarely to overflow.
func doublings(attempts int) int { return max(0, min(attempts, 9)) }

// UntilStale returns when the state will be called stale; zero if it is already, or if
// reads do not fail.
func UntilStale(f Facts, now time.Time) time.Duration {
	if f.FailingSince.IsZero() {
		return 0
	}
	return max(0, f.FailingSince.Add(StaleAfter(f.Interval)).Sub(now))
}
