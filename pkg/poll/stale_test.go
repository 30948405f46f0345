// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func TestOlder(t *testing.T) {
	noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	morning := noon.Add(-time.Hour)
	known := state{version: "10", made: noon}
	cases := map[string]struct {
		version string
		made    time.Time
		want    bool
		reason  string
	}{
		"LowerAndEarlier": {version: "9", made: morning, want: true, reason: "a standby that lags behind"},
		"LowerAndLater":   {version: "1", made: noon.Add(time.Hour), reason: "deleted for good and made anew"},
		"Equal":           {version: "10", made: noon, reason: "nothing changed, or the content did"},
		"Higher":          {version: "11", made: morning, reason: "a version only grows"},
		"NoTime":          {version: "9", reason: "without a time one cannot tell"},
		"NoNumber":        {version: "v9", made: morning, reason: "versions that are no numbers have no order"},
		"NumericOrder":    {version: "2", made: morning, want: true, reason: "2 is less than 10"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			if got := older(state{version: tc.version, made: tc.made}, known); got != tc.want {
				t.Errorf("older is %t: %s", got, tc.reason)
			}
		})
	}
	if older(state{version: "1", made: morning}, state{}) {
		t.Error("nothing is older than nothing")
	}
}

func TestStaleReads(t *testing.T) {
	cases := map[string]struct {
		pin    string
		values bool          // whether versions are those of values
		lag    time.Duration // how long the old version is answered
		want   string        // what is taken in the end
		stale  bool          // whether StaleRead was seen
		reason string
	}{
		"Standby":  {lag: time.Minute, stale: true, want: "new", reason: "the old value is never served"},
		"Restored": {lag: time.Hour, stale: true, want: "old", reason: "after five minutes it is believed"},
		"Replica":  {values: true, lag: time.Minute, stale: true, want: "new", reason: "a value's version only grows"},
		"Backup":   {values: true, lag: time.Hour, stale: true, want: "old", reason: "after five minutes it is believed"},
		"Pinned":   {pin: "2", lag: time.Hour, want: "old", reason: "a pinned version is what it is"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				old := entryOf("1", "old")
				w.pass(time.Minute)
				latest := entryOf("2", "new")
				if tc.values {
					old, latest = valued("id", "1", "old"), valued("id", "2", "new")
				}
				w.stub.change(func() { w.stub.entries["a"] = latest })
				s := w.subscription("a")
				pinned, err := backend.ParseRef("a", tc.pin)
				if err != nil {
					w.Fatal(err)
				}
				s.Wants[0].Ref = pinned
				id := name("ns", "s")
				w.subscribe(id, s)
				w.stub.change(func() { w.stub.entries["a"] = old })
				w.pass(interval)
				got := w.take(id)
				if stale := fault.ReasonOf(got.Results[0].Err) == ReasonStaleRead; stale != tc.stale {
					w.Errorf("stale is %t: %v", stale, got.Results[0].Err)
				}
				if tc.stale && !w.Health(w.source().Backend).Reachable {
					w.Error("who answers, if only with something old, is reachable")
				}
				w.pass(tc.lag)
				if tc.lag < stalePatience {
					w.stub.change(func() { w.stub.entries["a"] = latest })
					w.pass(maxBackoff)
				}
				if tc.stale {
					got = w.take(id)
				}
				if values(got)[0] != tc.want {
					w.Errorf("took %v, want %s: %s", values(got), tc.want, tc.reason)
				}
			})
		})
	}
}

// valued is an entry of one field whose value has that ID and version.
func valued(id, version, value string) backend.Entry {
	return backend.Entry{
		Fields: map[string]sensitive.Value{"value": sensitive.FromString(value)},
		Values: map[string]backend.ValueInfo{"value": {ID: id, Version: version}},
	}
}

func TestRewound(t *testing.T) {
	known := map[string]string{"a": "7", "b": "10"}
	for n, tc := range map[string]struct {
		answer map[string]string // versions by ID
		want   bool
		reason string
	}{
		"Lower":      {answer: map[string]string{"a": "7", "b": "9"}, want: true, reason: "a replica that lags behind"},
		"Same":       {answer: map[string]string{"a": "7", "b": "10"}},
		"Higher":     {answer: map[string]string{"a": "8", "b": "10"}},
		"OneAndOne":  {answer: map[string]string{"a": "8", "b": "9"}, want: true, reason: "one answer is of one moment"},
		"MadeAnew":   {answer: map[string]string{"a": "7", "c": "1"}, reason: "it was deleted, and another has its name"},
		"Lost":       {answer: map[string]string{"a": "7"}, reason: "it may be deleted"},
		"NoNumber":   {answer: map[string]string{"b": "v9"}, reason: "versions that are no numbers have no order"},
		"NoID":       {answer: map[string]string{"": "1"}, reason: "nobody knows which value it is of"},
		"NothingNow": {},
	} {
		t.Run(n, func(t *testing.T) {
			p := New(Options{})
			stampsOf := func(versions map[string]string) []stamp {
				entry := backend.Entry{Values: map[string]backend.ValueInfo{}}
				for id, version := range versions {
					entry.Values["of "+id] = backend.ValueInfo{ID: id, Version: version}
				}
				return p.stampsOf(entry)
			}
			if got := rewound(stampsOf(known), stampsOf(tc.answer)); got != tc.want {
				t.Errorf("rewound is %t: %s", got, tc.reason)
			}
		})
	}
}
