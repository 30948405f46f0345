// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBucket(t *testing.T) {
	type take struct {
		at   time.Duration
		wait time.Duration
	}
	cases := map[string]struct {
		rate, burst int
		takes       []take // each is spent, waited for or not
		reason      string
	}{
		"BurstThenRate": {
			rate: 10, burst: 2,
			takes:  []take{{0, 0}, {0, 0}, {0, 100 * time.Millisecond}, {100 * time.Millisecond, 100 * time.Millisecond}},
			reason: "a rested bucket is full; what is spent ahead is a debt",
		},
		"Refills": {
			rate: 10, burst: 2,
			takes:  []take{{0, 0}, {0, 0}, {time.Hour, 0}, {time.Hour, 0}, {time.Hour, 100 * time.Millisecond}},
			reason: "never to more than the burst",
		},
		"NoLimit":      {rate: 0, burst: 0, takes: []take{{0, 0}, {0, 0}, {0, 0}}, reason: "rate 0 is no limit"},
		"LeastBurst":   {rate: 1, burst: 0, takes: []take{{0, 0}, {0, time.Second}}, reason: "without a burst of one nothing would ever be read"},
		"NegativeRate": {rate: -1, burst: 1, takes: []take{{0, 0}, {0, 0}}, reason: "is none"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			var b bucket
			b.configure(tc.rate, tc.burst, 0)
			for i, take := range tc.takes {
				if got := b.wait(take.at); got.Round(time.Microsecond) != take.wait {
					t.Errorf("take %d waits %v, want %v: %s", i, got, take.wait, tc.reason)
				}
				b.spend(take.at)
			}
		})
	}
}

func TestBucketReconfiguredKeepsItsDebt(t *testing.T) {
	var b bucket
	b.configure(10, 5, 0)
	for range 5 {
		b.spend(0)
	}
	b.configure(10, 100, 0)
	if b.wait(0) == 0 {
		t.Error("an edit of the burst gave tokens for free")
	}
	b.configure(0, 0, 0)
	if got := b.wait(0); got != 0 {
		t.Errorf("without a limit one waits %v", got)
	}
}

// TestBucketKeepsTheRate: in no span of time are more than rate x span + burst taken, and
// whoever waits as told gets a token.
func TestBucketKeepsTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate, burst := rapid.IntRange(1, 1000).Draw(t, "rate"), rapid.IntRange(1, 100).Draw(t, "burst")
		var b bucket
		b.configure(rate, burst, 0)
		now := time.Duration(0)
		const takes = 500
		for range takes {
			wait := b.wait(now)
			now += wait
			if again := b.wait(now); again != 0 {
				t.Fatalf("after waiting %v there are %v more to wait", wait, again)
			}
			b.spend(now)
		}
		least := time.Duration(float64(takes-burst) / float64(rate) * float64(time.Second))
		if now < least-time.Millisecond {
			t.Fatalf("%d taken in %v, want at least %v", takes, now, least)
		}
	})
}
