// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package destination_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func TestRecordIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(1, 40, -1)
		owner := destination.Owner{
			Plan: text.Draw(t, "plan"), Value: text.Draw(t, "value"), Environment: rapid.String().Draw(t, "environment"),
			Instance: rapid.String().Draw(t, "instance"), Time: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "time"), 0).UTC(),
		}
		if got := destination.ParseRecord(owner.Record()); got != owner {
			t.Fatalf("%+v, want %+v", got, owner)
		}
	})
}

func TestOtherTextsAreNobodys(t *testing.T) {
	for name, text := range map[string]string{
		"Empty": "", "Text": "somebody", "List": "[]", "NoPlan": `{"value": "v", "time": "2026-01-02T03:04:05Z"}`,
		"NoValue": `{"plan": "p", "time": "2026-01-02T03:04:05Z"}`, "NoTime": `{"plan": "p", "value": "v"}`, "BadTime": `{"plan": "p", "value": "v", "time": "today"}`,
	} {
		if owner := destination.ParseRecord(text); !owner.IsZero() {
			t.Errorf("%s: %+v, want nobody", name, owner)
		}
	}
}

func TestChecks(t *testing.T) {
	held := func(value string, owner destination.Owner) destination.State {
		return destination.State{Exists: true, Readable: true, Value: sensitive.FromString(value), Owner: owner}
	}
	ours := destination.Owner{Plan: "p", Value: "v", Environment: "prod", Time: time.Unix(1, 0)}
	later, theirs := ours, ours
	later.Time, theirs.Environment = time.Unix(2, 0), "test"
	cases := map[string]struct {
		reason        string
		observed, now destination.State
		class         fault.Class
	}{
		"Nothing":      {},
		"Same":         {observed: held("a", ours), now: held("a", ours)},
		"SameOfOurs":   {reason: "the time is not the owner", observed: held("a", later), now: held("a", later)},
		"Nobodys":      {observed: held("a", destination.Owner{}), now: held("a", destination.Owner{})},
		"Appeared":     {now: held("a", ours), class: fault.Conflict},
		"EmptyIsThere": {reason: "an empty value is a value", now: held("", ours), class: fault.Conflict},
		"Disappeared":  {observed: held("a", ours), class: fault.Conflict},
		"Changed":      {observed: held("a", ours), now: held("b", ours), class: fault.Conflict},
		"Theirs":       {observed: held("a", theirs), now: held("a", theirs), class: fault.NotOwned},
		"NoteAlone":    {reason: "who is noted where nothing is owns nothing", now: destination.State{Owner: theirs}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := destination.CheckUnchanged("place", tc.observed, tc.now)
			if err == nil {
				err = destination.CheckOwner("place", tc.now, ours)
			}
			if fault.ClassOf(err) != tc.class {
				t.Errorf("%s: %v, want class %q", tc.reason, err, tc.class)
			}
		})
	}
}
