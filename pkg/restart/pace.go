// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import "time"

// pace is how many workloads are restarted at once, and after which time the next.
type pace struct {
	batch  int
	period time.Duration
}

// paceOf spreads so many restarts over a minute that no minute has more: one after the
// other, and of many some in each second.
func paceOf(maxPerMinute int) pace {
	if maxPerMinute <= 60 {
		n := time.Duration(maxPerMinute)
		return pace{1, (time.Minute + n - 1) / n}
	}
	return pace{maxPerMinute / 60, time.Second}
}

// Bounds of the pause between two looks at workloads that come up.
const (
	shortestLook = time.Second
	longestLook  = 15 * time.Second
)

// lookout is how long those are waited for that name a target before it has a first content:
// they are often applied together with the SecretSync, and a moment later.
const lookout = time.Minute

// nextLookout returns when to look again for them: seldom, because nearly all come at once, and
// many targets may get their first content at the same time.
func nextLookout(under time.Duration) time.Duration {
	return min(max(3*under, 2*shortestLook), max(lookout-under, shortestLook))
}

// nextLook returns when to look again at what began so long ago: seldom at what is slow.
func nextLook(under time.Duration) time.Duration {
	return min(max(under/4, shortestLook), longestLook)
}
