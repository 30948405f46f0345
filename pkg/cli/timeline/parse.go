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
		if wall, err := time.Parse(layout, text); err == nil {
			return local(text, wall, zone)
		}
	}
	return time.Time{}, fmt.Errorf(
		"%q: %w: give 2026-11-12T14:00:00Z, or a local time such as \"2026-11-12 14:00\", or how long ago, such as 30m or 2h", text, ErrNotATime)
}

// local returns the one moment at which the clocks of a zone show a time. Where they are put
// back they show an hour twice, and where they are put forward they leave one out.
func local(text string, wall time.Time, zone *time.Location) (time.Time, error) {
	shows := func(t time.Time) bool {
		_, offset := t.Zone()
		return t.Add(time.Duration(offset) * time.Second).Equal(wall)
	}
	first := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	if !shows(first) {
		return time.Time{}, fmt.Errorf("%q: %w in %s: the clocks were put forward over it", text, ErrNotATime, zone)
	}
	begin, end := first.ZoneBounds()
	for _, beyond := range []time.Time{begin.Add(-time.Second), end} {
		_, offset := beyond.Zone()
		second := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if !second.Equal(first) && shows(second) {
			return time.Time{}, fmt.Errorf("%q: %w in %s, because the clocks were put back: give %s or %s",
				text, ErrTwice, zone, Time(first, zone), Time(second, zone))
		}
	}
	return first, nil
}

// Time shows a moment in a zone, so that it can be given back as it is; - if it is zero.
func Time(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format(time.RFC3339)
}
