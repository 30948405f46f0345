// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Bounds of a fight: so many repairs in a row against one manager, none later than calm
// after the one before, are one; from then on each repair waits twice as long.
const (
	fightAfter = 5
	firstTruce = time.Second
	lastTruce  = 5 * time.Minute
	calm       = time.Minute
)

// fight is what is known of repairs against one manager. The zero fight is peace.
type fight struct {
	by      string
	repairs int
	last    time.Time
}

// after returns the fight after one more repair against a manager.
func (f fight) after(by string, now time.Time) fight {
	if f.by != by || f.over(now) {
		f = fight{by: by}
	}
	return fight{by: by, repairs: f.repairs + 1, last: now}
}

// truce returns how long a repair lets the other's state stand; zero while it is no fight.
func (f fight) truce() time.Duration {
	if f.repairs < fightAfter {
		return 0
	}
	doublings := min(f.repairs-fightAfter, 10)
	return min(firstTruce<<doublings, lastTruce)
}

// wait returns how long the next repair against a manager has to wait.
func (f fight) wait(by string, now time.Time) time.Duration {
	if f.by != by || f.over(now) {
		return 0
	}
	return max(0, f.last.Add(f.truce()).Sub(now))
}

// over reports whether the other has given up, or there never was a fight.
func (f fight) over(now time.Time) bool { return !now.Before(f.end()) }

// end returns when the fight is over if nothing happens any more.
func (f fight) end() time.Time { return f.last.Add(f.truce() + calm) }

// next returns after which time something has to be done about a fight; zero if nothing.
func (f fight) next(now time.Time) time.Duration {
	switch wait := f.wait(f.by, now); {
	case f.truce() == 0, f.over(now):
		return 0
	case wait > 0:
		return wait
	default:
		return f.end().Sub(now)
	}
}

// told returns what to say of a fight, nil while it is none.
func (f fight) told(secret string) error {
	if f.truce() == 0 {
		return nil
	}
	return fault.New(fault.NotOwned, "Fight",
		"Secret %q is changed by %s again each time it was put right: it is put right less and less often until one of them gives way; take the Secret from the other tool, or set spec.drift.policy to Report",
		secret, f.by)
}
