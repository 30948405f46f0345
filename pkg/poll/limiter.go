// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"math"
	"time"
)

// bucket is a token bucket that takes the time as an argument. The zero value limits nothing.
type bucket struct {
	rate   float64 // tokens per second; 0 is no limit
	burst  float64
	tokens float64
	at     time.Duration
}

// configure sets rate and burst; what was spent stays spent.
func (b *bucket) configure(rate, burst int, now time.Duration) {
	b.fill(now)
	fresh := b.burst == 0
	b.rate, b.burst = float64(max(rate, 0)), float64(max(burst, 1))
	if fresh {
		b.tokens = b.burst
	}
	b.tokens = min(b.tokens, b.burst)
}

// wait returns how long until a token is there; 0 is now.
func (b *bucket) wait(now time.Duration) time.Duration {
	b.fill(now)
	const rounding = 1e-6
	if b.rate == 0 || b.tokens >= 1-rounding {
		return 0
	}
	return time.Duration(math.Ceil((1 - b.tokens) / b.rate * float64(time.Second)))
}

// spend takes a token, going into debt if there is none.
func (b *bucket) spend(now time.Duration) {
	b.fill(now)
	if b.rate > 0 {
		b.tokens--
	}
}

func (b *bucket) fill(now time.Duration) {
	if now > b.at {
		b.tokens = min(b.burst, b.tokens+b.rate*(now-b.at).Seconds())
		b.at = now
	}
}
