// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxWait bounds the wait that an answer may ask for.
const maxWait = time.Hour

// IsJSON reports whether the answer is a JSON object.
func (a *Answer) IsJSON() bool {
	var object map[string]json.RawMessage
	return json.Unmarshal(a.Body, &object) == nil && object != nil
}

// TooLarge reports whether the answer is cut off.
func (a *Answer) TooLarge() bool { return len(a.Body) > MaxBody }

// Wait returns how long Retry-After asks to wait: seconds or an HTTP date, zero if absent;
// at most an hour.
func (a *Answer) Wait() time.Duration {
	text := a.Header.Get("Retry-After")
	if text == "" {
		return 0
	}
	var wait time.Duration
	if seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(a.At)
	}
	return min(max(wait, 0), maxWait)
}
