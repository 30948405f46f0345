// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"fmt"
	"strings"
	"time"
)

// layouts are the local times that people write.
func layouts() []string {
	return []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"}
}

// Parse reads a moment as people name it: an RFC 3339 time; a duration such as 30m or 2h,
// meaning that long before now; or a local time such as "2026-11-12 14:00" in the zone of now.
func Parse(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if ago, err := time.ParseDuration(text); err == nil {
		if ago < 0 {
			ago = -ago
		}
		return now.Add(-ago), nil
	}
	return parseClock(text, now.Location())
}

// ParseAhead reads a moment to come: an RFC 3339 time, or a local one in the zone.
func ParseAhead(text string, zone *time.Location) (time.Time, error) {
	return parseClock(strings.TrimSpace(text), zone)
}

func parseClock(text string, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.In(zone), nil
	}
	for _, layout := range layouts() {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf(
		"%q: %w: give 2026-11-12T14:00:00Z, or a local time such as \"2026-11-12 14:00\", or how long ago, such as 30m or 2h", text, ErrNotATime)
}
