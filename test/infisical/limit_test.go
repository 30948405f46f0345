// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"net/http"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/secretsync/secretsync/test/infisical"
)

func TestRateLimit(t *testing.T) {
	for name, silent := range map[string]bool{"Headers": false, "TextAlone": true} {
		t.Run(name, func(t *testing.T) {
			clock := clocktesting.NewFakeClock(time.Now())
			w := simulated(t, infisical.Options{
				Clock: clock, Limits: infisical.RateLimits{Secrets: 2}, Behavior: infisical.Behavior{NoRetryAfter: silent},
			})
			first := w.list(t)
			first.is(t, http.StatusOK, "")
			clock.Step(18 * time.Second)
			w.again(t, first.header.Get("ETag")).is(t, http.StatusNotModified, "") // counts, too
			refused := w.list(t)
			refused.is(t, http.StatusTooManyRequests, "RateLimitExceeded")
			if got := refused.text(t, "message"); got != "Rate limit exceeded. Please try again in 42 seconds" {
				t.Errorf("%q", got)
			}
			want := map[string]string{"Retry-After": "42", "X-Ratelimit-Limit": "2", "X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "42"}
			for header, text := range want {
				if silent {
					text = ""
				}
				if got := refused.header.Get(header); got != text {
					t.Errorf("%s is %q, want %q", header, got, text)
				}
			}
			w.get(t, "/api/v1/projects/slug/"+w.project.Slug).is(t, http.StatusOK, "") // another class
			clock.Step(42 * time.Second)
			w.list(t).is(t, http.StatusOK, "")
		})
	}
}

func TestRateLimitOfEverything(t *testing.T) {
	w := simulated(t, infisical.Options{Limits: infisical.RateLimits{All: 40}})
	for n := 0; w.list(t).status == http.StatusOK; n++ {
		if n > 40 {
			t.Fatal("no limit")
		}
	}
	w.get(t, "/api/v1/projects/slug/"+w.project.Slug).is(t, http.StatusTooManyRequests, "RateLimitExceeded")
	w.get(t, "/api/status").is(t, http.StatusOK, "")
}

func TestNoRateLimitOfOnesOwnServer(t *testing.T) {
	w := simulated(t, infisical.Options{})
	for range 700 {
		w.list(t).is(t, http.StatusOK, "")
	}
}
