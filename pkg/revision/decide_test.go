// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/revision"
)

func TestDecide(t *testing.T) {
	cases := map[string]struct {
		reason   string
		known    revision.Known
		rendered revision.Rendered
		want     revision.Decision
	}{
		"First": {
			rendered: revision.New, want: revision.Decision{Record: 1, Serve: 1},
		},
		"NothingYet": {
			reason: "the backend was not read and nothing is recorded: wait", rendered: revision.None,
		},
		"SameAsNothing": {reason: "there is no newest to serve", rendered: revision.Same},
		"Next": {
			known: revision.Known{Highest: 3, Newest: 3, Serving: 3}, rendered: revision.New,
			want: revision.Decision{Record: 4, Serve: 4},
		},
		"Unchanged": {
			known: revision.Known{Highest: 3, Newest: 3, Serving: 3}, rendered: revision.Same,
			want: revision.Decision{Serve: 3},
		},
		"BackendDown": {
			reason: "what is served stays", known: revision.Known{Highest: 3, Newest: 3, Serving: 3}, rendered: revision.None,
			want: revision.Decision{Serve: 3},
		},
		"BackendDownBehindNewest": {
			reason: "recorded and never served, for a crash between the two writes, a pause or a refused write: that may be over",
			known:  revision.Known{Highest: 4, Newest: 4, Serving: 3}, rendered: revision.None,
			want: revision.Decision{Serve: 4},
		},
		"CrashAfterRecord": {
			reason: "the revision exists and the target does not hold it yet",
			known:  revision.Known{Highest: 4, Newest: 4, Serving: 3}, rendered: revision.Same,
			want: revision.Decision{Serve: 4},
		},
		"RecordedNeverServed": {
			reason: "a Secret must exist for Pods to start, backend or not",
			known:  revision.Known{Highest: 2, Newest: 2}, rendered: revision.None,
			want: revision.Decision{Serve: 2},
		},
		"ServedNeverRecorded": {
			reason: "the API server refused the revision: its number is burnt",
			known:  revision.Known{Serving: 5}, rendered: revision.New,
			want: revision.Decision{Record: 6, Serve: 6},
		},
		"NumbersLost": {
			reason: "status and revisions are gone, the target's annotation still knows",
			known:  revision.Known{Highest: 7, Serving: 7}, rendered: revision.None,
			want: revision.Decision{Serve: 7},
		},
		"BurntNumbers": {
			reason: "higher numbers were used and pruned", known: revision.Known{Highest: 9, Newest: 4, Serving: 4}, rendered: revision.New,
			want: revision.Decision{Record: 10, Serve: 10},
		},
		"LastNumber": {
			known: revision.Known{Highest: revision.MaxNumber - 1, Newest: 2, Serving: 2}, rendered: revision.New,
			want: revision.Decision{Record: revision.MaxNumber, Serve: revision.MaxNumber},
		},
		"NumbersUsedUp": {
			reason: "rather stand still than count on to a name that nobody can read back",
			known:  revision.Known{Highest: revision.MaxNumber, Newest: 2, Serving: 2}, rendered: revision.New,
			want: revision.Decision{Serve: 2},
		},
		"Overflow": {
			reason: "the number after the highest int64 is negative",
			known:  revision.Known{Highest: math.MaxInt64, Newest: 2, Serving: 2}, rendered: revision.New,
			want: revision.Decision{Serve: 2},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := revision.Decide(tc.known, tc.rendered); got != tc.want {
				t.Errorf("Decide(%+v, %d) = %+v, want %+v: %s", tc.known, tc.rendered, got, tc.want, tc.reason)
			}
		})
	}
}

func TestDecideOfAnything(t *testing.T) {
	number := rapid.OneOf(rapid.Int64Range(0, 4), rapid.Int64Range(0, math.MaxInt64))
	rapid.Check(t, func(t *rapid.T) {
		known := revision.Known{Highest: number.Draw(t, "highest"), Newest: number.Draw(t, "newest"), Serving: number.Draw(t, "serving")}
		rendered := rapid.SampledFrom([]revision.Rendered{revision.None, revision.Same, revision.New}).Draw(t, "rendered")
		got := revision.Decide(known, rendered)
		if got.Record != 0 && (rendered != revision.New || got.Record <= max(known.Highest, known.Newest, known.Serving)) {
			t.Fatalf("%+v records a state that is not new, or under a used number", got)
		}
		if got.Record < 0 || got.Record > revision.MaxNumber {
			t.Fatalf("%+v records an impossible number", got)
		}
		if got.Serve != known.Newest && got.Serve != known.Serving && got.Serve != got.Record {
			t.Fatalf("%+v serves what nobody knows", got)
		}
		if got.Serve == 0 && known.Serving != 0 && rendered != revision.Same {
			t.Fatalf("%+v takes away what is served", got)
		}
	})
}

// TestNumbersOnlyGrow tells a life with crashes and losses: whatever is lost, as long as
// one of status, target and revisions still knows the highest number, none is used twice,
// and what is served is always the newest state or what was served before.
func TestNumbersOnlyGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var status, target, kept int64 // what each of them knows as the highest
		var serving, newest, highest int64
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 2).Draw(t, "lost") {
			case 0:
				status, target = highest, highest
			case 1:
				target, kept = highest, highest
			default:
				status, kept = highest, highest
			}
			rendered := revision.New
			if newest > 0 {
				rendered = rapid.SampledFrom([]revision.Rendered{revision.None, revision.Same, revision.New}).Draw(t, "rendered")
			}
			got := revision.Decide(revision.Known{Highest: max(status, target, kept), Newest: newest, Serving: serving}, rendered)
			if got.Record != 0 {
				if got.Record <= highest {
					t.Fatalf("number %d is used twice", got.Record)
				}
				highest, newest = got.Record, got.Record
			}
			if rapid.Bool().Draw(t, "crash") { // between the record and the target
				continue
			}
			if got.Serve != newest && got.Serve != serving {
				t.Fatalf("serves %d, neither the newest %d nor what was served (%d)", got.Serve, newest, serving)
			}
			serving = got.Serve
			status, target, kept = 0, 0, 0
		}
	})
}
