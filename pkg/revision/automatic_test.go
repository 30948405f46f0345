// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision_test

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func TestTakenBack(t *testing.T) {
	for text, want := range map[string]int64{
		"auto:5": 5, "auto:99999999999": 99999999999, "": 0, "5": 0, "auto:": 0, "auto:0": 0, "auto:-1": 0, "auto:05": 0,
		"auto:+5": 0, "auto:5 ": 0, "auto:999999999999": 0, "AUTO:5": 0, "previous": 0,
	} {
		if got := revision.TakenBack(text); got != want {
			t.Errorf("TakenBack(%q) = %d, want %d", text, got, want)
		}
	}
}

// TestReaction: what becomes of a revision that failed, decided from what is known alone.
func TestReaction(t *testing.T) {
	lives := func(numbers ...int64) (lives []revision.Life) {
		for _, number := range numbers {
			lives = append(lives, revision.Life{Number: number})
		}
		return lives
	}
	failing := revision.Known{Highest: 5, Newest: 5, Serving: 5, Kept: []int64{3, 4, 5}, Lives: lives(5, 4, 3), Failed: 5}
	held := failing
	held.Serving, held.Held, held.Failed, held.Lives = 4, revision.Hold{Request: "auto:5", Number: 4}, 0, lives(4, 5, 4, 3)
	with := func(k revision.Known, edit func(*revision.Known)) revision.Known {
		edit(&k)
		return k
	}
	back := revision.Decision{Serve: 4, Hold: revision.Hold{Request: "auto:5", Number: 4}}
	cases := map[string]struct {
		reason   string
		known    revision.Known
		text     string
		rendered revision.Rendered
		want     revision.Decision
	}{
		"TakenBack":                {known: failing, rendered: revision.Same, want: back},
		"BackendDown":              {reason: "going back needs no backend", known: failing, want: back},
		"Stands":                   {known: held, rendered: revision.Same, want: back},
		"StandsWhileBackendIsDown": {known: held, want: back},
		"FailsAgain": {
			reason: "what was gone back to fails, too: there is nothing better",
			known:  with(held, func(k *revision.Known) { k.Failed = 4 }), rendered: revision.Same, want: back,
		},
		"NewerComes":  {known: held, rendered: revision.New, want: revision.Decision{Record: 6, Serve: 6}},
		"NewerAtOnce": {reason: "it may be the cure", known: failing, rendered: revision.New, want: revision.Decision{Record: 6, Serve: 6}},
		"NewerWasRecorded": {
			reason: "a crash came before it was served", known: with(held, func(k *revision.Known) { k.Newest, k.Highest = 6, 6 }), rendered: revision.Same,
			want: revision.Decision{Serve: 6},
		},
		"NewerWasRecordedBackendDown": {
			known: with(held, func(k *revision.Known) { k.Newest, k.Highest = 6, 6 }), want: revision.Decision{Serve: 6},
		},
		"PersonAsks": {
			reason: "a person decides", known: failing, text: "3", rendered: revision.Same,
			want: revision.Decision{Serve: 3, Hold: revision.Hold{Request: "3", Number: 3}},
		},
		"PersonAsksForWhatFailed": {
			known: held, text: "5", rendered: revision.Same, want: revision.Decision{Serve: 5, Hold: revision.Hold{Request: "5", Number: 5}},
		},
		"HeldByAPerson": {
			reason: "what a person holds is not taken back", known: with(failing, func(k *revision.Known) { k.Held = revision.Hold{Request: "5", Number: 5} }),
			text: "5", rendered: revision.Same, want: revision.Decision{Serve: 5, Hold: revision.Hold{Request: "5", Number: 5}},
		},
		"Accepted":     {known: with(held, func(k *revision.Known) { k.Accepted = "auto:5" }), rendered: revision.Same, want: revision.Decision{Serve: 5}},
		"AcceptedDown": {known: with(held, func(k *revision.Known) { k.Accepted = "auto:5" }), want: revision.Decision{Serve: 5}},
		"AcceptedFails": {
			reason: "it was let through on purpose", known: with(failing, func(k *revision.Known) { k.Accepted = "auto:5" }), rendered: revision.Same,
			want: revision.Decision{Serve: 5},
		},
		"OtherAccepted": {known: with(held, func(k *revision.Known) { k.Accepted = "auto:4" }), rendered: revision.Same, want: back},
		"NothingBefore": {
			reason: "there is nothing to go back to", known: with(failing, func(k *revision.Known) { k.Lives = lives(5) }), rendered: revision.Same,
			want: revision.Decision{Serve: 5},
		},
		"BeforeNotKept": {
			reason: "it cannot be served any more", known: with(failing, func(k *revision.Known) { k.Kept = []int64{3, 5} }), rendered: revision.Same,
			want: revision.Decision{Serve: 5},
		},
		"OtherFailed": {
			reason: "it is not served any more", known: with(failing, func(k *revision.Known) { k.Failed = 3 }), rendered: revision.Same,
			want: revision.Decision{Serve: 5},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			asked, err := revision.Resolve(tc.text, tc.known, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, revision.Decide(tc.known, tc.rendered, asked)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// TestContents: the digest tells content from content and nothing else: no number, and
// neither another SecretSync's nor another installation's.
func TestContents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) map[string]sensitive.Value {
			data := map[string]sensitive.Value{}
			for key, value := range rapid.MapOfN(rapid.StringN(1, 3, 9), rapid.String(), 0, 3).Draw(t, label) {
				data[key] = sensitive.FromString(value)
			}
			return data
		}
		keys := revision.Keys{Current: []byte("a key of the installation")}
		one, other := draw("one"), draw("other")
		same := maps.EqualFunc(one, other, sensitive.Value.Equal)
		if got := keys.Contents("shop", "db", one)[0] == keys.Contents("shop", "db", other)[0]; got != same {
			t.Fatalf("the digests are the same: %v, the contents: %v", got, same)
		}
		for name, digest := range map[string]string{
			"namespace": keys.Contents("other", "db", one)[0], "name": keys.Contents("shop", "other", one)[0],
			"key": revision.Keys{Current: []byte("another")}.Contents("shop", "db", one)[0],
		} {
			if digest == keys.Contents("shop", "db", one)[0] {
				t.Fatalf("the digest does not depend on the %s", name)
			}
		}
		rotated := revision.Keys{Current: []byte("a new key"), Previous: keys.Current}.Contents("shop", "db", one)
		if len(rotated) != 2 || rotated[1] != keys.Contents("shop", "db", one)[0] {
			t.Fatalf("after a rotation what was marked is not known any more: %v", rotated)
		}
	})
}
