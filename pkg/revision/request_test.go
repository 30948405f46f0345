// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/revision"
)

func clock(text string) time.Time {
	t, err := time.Parse("15:04", text)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 12, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// history is of a SecretSync that served 2, 3, 2 (a rollback), 5; 4 was never served and 1
// and 2 are not kept any more.
func history() revision.Known {
	return revision.Known{
		Highest: 6, Newest: 6, Serving: 5, Kept: []int64{3, 4, 5, 6},
		Lives: []revision.Life{{5, clock("13:00")}, {2, clock("12:00")}, {3, clock("11:00")}, {2, clock("10:00")}},
	}
}

func TestResolve(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		change func(*revision.Known)
		want   int64
		tells  string
	}{
		"Nothing":         {text: "", want: 0},
		"Number":          {text: "3", want: 3},
		"NeverServed":     {text: "4", want: 4, reason: "what was recorded can be served"},
		"Serving":         {text: "5", want: 5},
		"Pruned":          {text: "1", tells: "revision 1 is not kept; kept are the revisions 3, 4, 5, 6"},
		"NotYet":          {text: "7", tells: "revision 7 is not kept"},
		"Zero":            {text: "0", tells: "0 is not the number"},
		"Negative":        {text: "-1", tells: "-1 is not the number"},
		"Enormous":        {text: "99999999999999", tells: "is not the number"},
		"LeadingZero":     {text: "03", tells: "it is neither a number nor previous"},
		"Space":           {text: " 3", tells: "it is neither"},
		"Word":            {text: "Previous", tells: "it is neither"},
		"Long":            {text: strings.Repeat("x", 1000), tells: "it is neither"},
		"Previous":        {text: "previous", tells: "revision 2 is not kept", reason: "the one served before, not the newest that is kept"},
		"PreviousKept":    {text: "previous", want: 2, change: func(k *revision.Known) { k.Kept = append(k.Kept, 2) }},
		"PreviousUnknown": {text: "previous", tells: "no other revision is known to have been served", change: func(k *revision.Known) { k.Lives = nil }},
		"PreviousOfACrash": {
			reason: "the target was written and the status not, so that the last life is of the one before",
			text:   "previous", want: 5, change: func(k *revision.Known) { k.Serving = 6 },
		},
		"Current":        {text: "current", want: 5},
		"CurrentNothing": {text: "current", tells: "nothing was ever served", change: func(k *revision.Known) { *k = revision.Known{} }},
		"CurrentLost": {
			reason: "what the target holds stays though its revision is lost",
			text:   "current", want: 5, change: func(k *revision.Known) { k.Kept = nil },
		},
		"Time":              {text: "2026-11-12T13:59:59Z", want: 5},
		"TimeOfZone":        {text: "2026-11-12T13:30:00+02:00", want: 3},
		"TimeOfPruned":      {text: "2026-11-12T12:30:00Z", tells: "revision 2 is not kept"},
		"TimeOfChange":      {text: "2026-11-12T11:00:00Z", want: 3},
		"TimeTooEarly":      {text: "2026-11-12T09:00:00Z", tells: "what was served at 2026-11-12T09:00:00Z is not known"},
		"TimeInFuture":      {text: "2026-11-12T14:01:01Z", tells: "is in the future"},
		"TimeOfAClockAhead": {text: "2026-11-12T14:00:30Z", want: 5},
		"TimeEndless":       {text: "2026-11-12T13:00:00." + strings.Repeat("0", 300) + "Z", tells: "it is neither"},
		"TimeNoZone":        {text: "2026-11-12T13:00:00", tells: "it is neither"},
		"HeldStays":         {text: "previous", want: 3, change: func(k *revision.Known) { k.Held = revision.Hold{Request: "previous", Number: 3} }},
		"HeldLost":          {text: "previous", want: 1, change: func(k *revision.Known) { k.Held = revision.Hold{Request: "previous", Number: 1} }, reason: "what is held stays though it is kept no more"},
		"HeldForOther":      {text: "current", want: 5, change: func(k *revision.Known) { k.Held = revision.Hold{Request: "previous", Number: 3} }},
		"NothingIsKept":     {text: "1", tells: "no revision is kept", change: func(k *revision.Known) { *k = revision.Known{} }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			known := history()
			if tc.change != nil {
				tc.change(&known)
			}
			got, err := revision.Resolve(tc.text, known, clock("14:00"))
			if got.Request != tc.text || got.Number != tc.want {
				t.Errorf("got %+v, want %d: %s", got, tc.want, tc.reason)
			}
			switch {
			case tc.tells == "" && err != nil:
				t.Errorf("got %v: %s", err, tc.reason)
			case tc.tells != "" && (!fault.Is(err, fault.InvalidSpec) || fault.ReasonOf(err) != revision.ReasonUnknown):
				t.Errorf("got %v, want an InvalidSpec with %s", err, revision.ReasonUnknown)
			case tc.tells != "" && !strings.Contains(err.Error(), tc.tells):
				t.Errorf("got %q, want it to tell %q", err, tc.tells)
			}
		})
	}
}

func TestKnow(t *testing.T) {
	kept := []int64{2, 3, 5}
	held := revision.Hold{Request: "previous", Number: 3}
	cases := map[string]struct {
		reason  string
		told    revision.Told
		serving int64
		held    revision.Hold
	}{
		"Nothing":     {},
		"InStep":      {told: revision.Told{Target: revision.Target{Number: 5}, Status: revision.Status{Serving: 5}}, serving: 5},
		"TargetAhead": {told: revision.Told{Target: revision.Target{Number: 5}, Status: revision.Status{Serving: 3}}, serving: 5, reason: "a crash before the status"},
		"TargetBehind": {
			told: revision.Told{Target: revision.Target{Number: 3}, Status: revision.Status{Serving: 5}}, serving: 5, reason: "another hand",
		},
		"TargetUnrecorded": {
			told: revision.Told{Target: revision.Target{Number: 9}, Status: revision.Status{Serving: 5}}, serving: 5, reason: "another hand",
		},
		"StatusLost": {told: revision.Told{Target: revision.Target{Number: 9}}, serving: 9},
		"TargetGone": {told: revision.Told{Status: revision.Status{Serving: 3, Held: held}}, serving: 3, held: held},
		"Held": {
			told:    revision.Told{Target: revision.Target{Number: 3, HeldFor: "previous"}, Status: revision.Status{Serving: 3, Held: held}},
			serving: 3, held: held,
		},
		"HeldStatusBehind": {
			reason:  "a crash after the target went back",
			told:    revision.Told{Target: revision.Target{Number: 3, HeldFor: "previous"}, Status: revision.Status{Serving: 5}},
			serving: 3, held: held,
		},
		"HeldStatusLost": {told: revision.Told{Target: revision.Target{Number: 3, HeldFor: "previous"}}, serving: 3, held: held},
		"HeldForOther": {
			reason:  "a crash after the target went to the next hold",
			told:    revision.Told{Target: revision.Target{Number: 2, HeldFor: "2"}, Status: revision.Status{Serving: 3, Held: held}},
			serving: 2, held: revision.Hold{Request: "2", Number: 2},
		},
		"ReleasedStatusBehind": {
			told:    revision.Told{Target: revision.Target{Number: 5}, Status: revision.Status{Serving: 3, Held: held}},
			serving: 5,
		},
		"HeldNumberEdited": {
			reason:  "another hand changed the number alone",
			told:    revision.Told{Target: revision.Target{Number: 5, HeldFor: "previous"}, Status: revision.Status{Serving: 3, Held: held}},
			serving: 3, held: held,
		},
		"HeldOlderCopyPutBack": {
			reason:  "another hand put back the target as it was before: the request stands",
			told:    revision.Told{Asked: "previous", Target: revision.Target{Number: 2}, Status: revision.Status{Serving: 3, Held: held}},
			serving: 3, held: held,
		},
		"HeldForOtherByHand": {
			told:    revision.Told{Asked: "previous", Target: revision.Target{Number: 2, HeldFor: "2"}, Status: revision.Status{Serving: 3, Held: held}},
			serving: 3, held: held,
		},
		"ReleasedToALowerNumber": {
			reason:  "after a restore the newest need not have the highest number",
			told:    revision.Told{Target: revision.Target{Number: 2}, Status: revision.Status{Serving: 3, Held: held}},
			serving: 2,
		},
		"HeldTextRemoved": {
			reason:  "another hand took the text away alone",
			told:    revision.Told{Target: revision.Target{Number: 3}, Status: revision.Status{Serving: 3, Held: held}},
			serving: 3, held: held,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.told.Kept, tc.told.Newest, tc.told.Indexed = kept, 5, 5
			got := revision.Know(tc.told)
			if got.Serving != tc.serving || got.Held != tc.held {
				t.Errorf("serving %d, held %+v; want %d, %+v: %s", got.Serving, got.Held, tc.serving, tc.held, tc.reason)
			}
			if highest := max(5, tc.told.Target.Number); got.Highest != highest {
				t.Errorf("highest %d, want %d", got.Highest, highest)
			}
		})
	}
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"", "3", "03", "+3", "previous", "current", "2026-11-12T13:00:00Z", "9223372036854775807", "\x00", "３"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		known := history()
		got, err := revision.Resolve(text, known, clock("14:00"))
		if got.Number != 0 && !slices.Contains(known.Kept, got.Number) {
			t.Errorf("%q resolved to %d, which is not kept", text, got.Number)
		}
		if (got.Number == 0) != (err != nil || text == "") {
			t.Errorf("%q gave %d and %v", text, got.Number, err)
		}
		if err != nil && len(err.Error()) > 1024 {
			t.Errorf("a message of %d bytes for a text of %d", len(err.Error()), len(text))
		}
	})
}
