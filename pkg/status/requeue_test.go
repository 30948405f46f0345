// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/fault"
)

func TestRetryAfter(t *testing.T) {
	of := func(class fault.Class) *fault.Error { return fault.New(class, "Reason", "message") }
	cases := map[string]struct {
		reason   string
		err      error
		attempts int
		want     time.Duration
	}{
		"NoError":        {err: nil, want: 0},
		"InvalidSpec":    {reason: "an edit comes instead", err: of(fault.InvalidSpec), want: 0},
		"InvalidContent": {err: of(fault.InvalidContent), want: 0},
		"NotFound":       {reason: "the poller reads again", err: of(fault.NotFound), want: 0},
		"Denied":         {err: of(fault.Denied), want: 0},
		"Throttled":      {err: of(fault.Throttled).After(time.Hour), want: 0},
		"Unavailable":    {err: of(fault.Unavailable), attempts: 3, want: 0},
		"Rejected":       {err: of(fault.Rejected), want: time.Second},
		"Rejected3":      {err: of(fault.Rejected), attempts: 3, want: 8 * time.Second},
		"RejectedOften":  {err: of(fault.Rejected), attempts: 1000, want: 5 * time.Minute},
		"NotOwned":       {err: of(fault.NotOwned), attempts: 1, want: 2 * time.Second},
		"Suspicious":     {err: of(fault.Suspicious), want: time.Second},
		"Internal":       {err: of(fault.Internal), want: time.Second},
		"Unclassed":      {err: errors.New("boom"), want: time.Second},
		"Hinted":         {reason: "the server knows better", err: of(fault.Internal).After(30 * time.Second), want: 30 * time.Second},
		"HintTooShort":   {err: of(fault.Internal).After(time.Second), attempts: 4, want: 16 * time.Second},
		"HintTooLong":    {reason: "nobody waits for a year", err: of(fault.Internal).After(8760 * time.Hour), want: 5 * time.Minute},
		"Conflict":       {err: of(fault.Conflict), want: 10 * time.Millisecond},
		"Conflict2":      {err: of(fault.Conflict), attempts: 2, want: 40 * time.Millisecond},
		"ConflictOften":  {err: of(fault.Conflict), attempts: 1000, want: 5 * time.Second},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := RetryAfter(tc.err, tc.attempts); got != tc.want {
				t.Errorf("RetryAfter = %s, want %s: %s", got, tc.want, tc.reason)
			}
		})
	}
}

func TestRetryAfterIsBoundedAndGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		class := rapid.SampledFrom(fault.Classes()).Draw(t, "class")
		err := fault.New(class, "Reason", "message").After(time.Duration(rapid.Int64().Draw(t, "hint")))
		attempts := rapid.IntRange(-1, math.MaxInt-1).Draw(t, "attempts")
		got := RetryAfter(err, attempts)
		if got < 0 || got > 5*time.Minute {
			t.Fatalf("RetryAfter = %s", got)
		}
		if RetryAfter(err, attempts+1) < got {
			t.Fatalf("the pause shrinks after attempt %d", attempts)
		}
		if (got == 0) != (RetryAfter(err, 0) == 0) {
			t.Fatal("whether to try again depends on how often it was tried")
		}
	})
}
