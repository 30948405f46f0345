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
			if got := revision.Decide(tc.known, tc.rendered, revision.Hold{}); got != tc.want {
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
		got := revision.Decide(known, rendered, revision.Hold{})
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

func TestDecideWhatIsAskedFor(t *testing.T) {
	known := revision.Known{Highest: 6, Newest: 6, Serving: 5, Kept: []int64{2, 3, 5, 6}}
	held := known
	held.Held = revision.Hold{Request: "previous", Number: 5}
	first := revision.Hold{Request: "3", Number: 3}
	unknown := revision.Hold{Request: "33"}
	cases := map[string]struct {
		reason   string
		known    revision.Known
		rendered revision.Rendered
		asked    revision.Hold
		want     revision.Decision
	}{
		"Back":       {known: known, rendered: revision.Same, asked: first, want: revision.Decision{Serve: 3, Hold: first}},
		"BackNoRead": {known: known, rendered: revision.None, asked: first, want: revision.Decision{Serve: 3, Hold: first}},
		"NewerIsRecorded": {
			reason: "it is shown, and not served",
			known:  known, rendered: revision.New, asked: first, want: revision.Decision{Record: 7, Serve: 3, Hold: first},
		},
		"Unknown": {known: known, rendered: revision.Same, asked: unknown, want: revision.Decision{Serve: 5}},
		"UnknownAfterAHold": {
			reason: "what is served stays, and with it the hold",
			known:  held, rendered: revision.New, asked: unknown, want: revision.Decision{Record: 7, Serve: 5, Hold: held.Held},
		},
		"UnknownNothingServed": {
			reason: "a Secret must exist for Pods to start",
			known:  revision.Known{}, rendered: revision.New, asked: unknown, want: revision.Decision{Record: 1, Serve: 1},
		},
		"ReleasedToALowerNumber": {
			reason: "after a restore the newest need not have the highest number, and no backend has to tell",
			known:  revision.Known{Highest: 6, Newest: 2, Serving: 5, Held: revision.Hold{Request: "5", Number: 5}}, rendered: revision.None,
			want: revision.Decision{Serve: 2},
		},
		"Released": {known: held, rendered: revision.Same, want: revision.Decision{Serve: 6}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := revision.Decide(tc.known, tc.rendered, tc.asked); got != tc.want {
				t.Errorf("got %+v, want %+v: %s", got, tc.want, tc.reason)
			}
		})
	}
}
