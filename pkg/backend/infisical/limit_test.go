// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// TestLimitsAreOfTheAddress: whoever reads too much, all who read from here are asked to wait;
// a login that has to wait keeps nobody from reading.
func TestLimitsAreOfTheAddress(t *testing.T) {
	limit := failure(429, "RateLimitExceeded", "Rate limit exceeded. Please try again in 42 seconds ")
	for name, tc := range map[string]struct {
		path, body string
		all        bool
		least      time.Duration
		most       time.Duration
	}{
		"Read":  {path: list, body: limit, all: true, least: 42 * time.Second, most: 42 * time.Second},
		"Login": {path: login, body: limit, least: 42 * time.Second, most: 42 * time.Second},
		// Somebody else logs in just now, which takes a moment and no window.
		"Contention": {path: login, body: failure(429, "RateLimitExceeded", "Failed to acquire lock: rate limit exceeded")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On(tc.path, 429, tc.body)
			b := open(t, s, settings{})
			err := readApp(t, b)
			want(t, err, fault.Throttled, remote.ReasonThrottled)
			if got := fault.RetryAfter(err); fault.ForAll(err) != tc.all || got < tc.least || got > tc.most {
				t.Errorf("want all to wait %t, %s to %s, got %t and %s", tc.all, tc.least, tc.most, fault.ForAll(err), got)
			}
			if tc.path == list {
				return
			}
			if err := readApp(t, b); fault.RetryAfter(err) <= 0 || fault.RetryAfter(err) > max(tc.most, 2*time.Second) {
				t.Errorf("want a pause of at most %s before the next login, got %v after %s", max(tc.most, 2*time.Second), err, fault.RetryAfter(err))
			}
		})
	}
}
