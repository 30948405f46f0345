// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, wait := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, " 90 ": 90 * time.Second, "-5": 0, "soon": 0, "1.5": 0,
		"99999999999999999999": 0, "86400": maxWait,
		at.Add(time.Minute).Format(http.TimeFormat):    time.Minute,
		at.Add(-time.Minute).Format(http.TimeFormat):   0,
		at.Add(24 * time.Hour).Format(http.TimeFormat): maxWait,
	} {
		if got := (&Answer{Header: http.Header{"Retry-After": {text}}, At: at}).Wait(); got != wait {
			t.Errorf("%q: want %s, got %s", text, wait, got)
		}
	}
}
