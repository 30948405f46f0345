// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package events_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/events"
)

func keys(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("K%02d", i))
	}
	return all
}

func TestEvents(t *testing.T) {
	normal := func(reason, action, note string) events.Event {
		return events.Event{Type: corev1.EventTypeNormal, Reason: reason, Action: action, Note: note}
	}
	warning := func(reason, action, note string) events.Event {
		return events.Event{Type: corev1.EventTypeWarning, Reason: reason, Action: action, Note: note}
	}
	cases := map[string]struct {
		reason string
		got    events.Event
		want   events.Event
	}{
		"Served": {
			got:  events.Served("app", 6, 3, "Rollback"),
			want: normal("Served", "Serve", `Secret "app" went from revision 6 to 3 (Rollback)`),
		},
		"Repaired": {
			got:  events.Repaired("app", "Edited", []string{"A", "B"}, "kubectl-edit"),
			want: warning("DriftRepaired", "Repair", `Secret "app" was changed by hand and put right: Edited A, B, by kubectl-edit`),
		},
		"RepairedNoKeys": {
			reason: "a deleted Secret has no keys to name",
			got:    events.Repaired("app", "Deleted", nil, "unknown"),
			want:   warning("DriftRepaired", "Repair", `Secret "app" was changed by hand and put right: Deleted, by unknown`),
		},
		"RepairedTenKeys": {
			got: events.Repaired("app", "Extra", keys(10), "x"),
			want: warning("DriftRepaired", "Repair",
				`Secret "app" was changed by hand and put right: Extra K00, K01, K02, K03, K04, K05, K06, K07, K08, K09, by x`),
		},
		"DriftedManyKeys": {
			reason: "a list of names is capped, and says so",
			got:    events.Drifted("app", "Missing", keys(12), "x"),
			want: warning("DriftReported", "Report",
				`Secret "app" was changed by hand: Missing K00, K01, K02, K03, K04, K05, K06, K07, K08, K09 and 2 more, by x`),
		},
		"Failed": {
			got:  events.Failed("EntryNotFound", `entry "a/b" is absent`),
			want: warning("EntryNotFound", "Sync", `entry "a/b" is absent`),
		},
		"Recovered": {
			got:  events.Recovered("app", 4),
			want: normal("Recovered", "Sync", `Secret "app" serves revision 4 as asked for`),
		},
		"ManyVersions": {
			got: events.ManyVersions("app", 41),
			want: warning("ManyVersions", "Prune",
				`41 old versions of Secret "app" stay, because ReplicaSets, Jobs or others of the namespace refer to them: keep fewer of those, as with revisionHistoryLimit`),
		},
		"Removed": {
			got:  events.Removed("app"),
			want: warning("SourceGone", "Delete", `Secret "app" was deleted: its entries are gone from the backend and onSourceGone is Delete`),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// sink keeps what was sent last.
type sink struct {
	about runtime.Object
	event events.Event
}

func (s *sink) Eventf(about, _ runtime.Object, eventType, reason, action, note string, args ...any) {
	s.about, s.event = about, events.Event{Type: eventType, Reason: reason, Action: action, Note: fmt.Sprintf(note, args...)}
}

func TestRecordSendsWhatWasSaid(t *testing.T) {
	var got sink
	about, event := &corev1.Secret{}, events.Failed("Odd", "100% %s of é")
	events.NewRecorder(&got).Record(about, event)
	if got.about != about {
		t.Error("the event is about another object")
	}
	if diff := cmp.Diff(event, got.event); diff != "" {
		t.Errorf("a percent sign is text like any other (-want +got):\n%s", diff)
	}
}

// TestRecordSendsWhatTheServerTakes: an event that is refused is one that nobody reads.
func TestRecordSendsWhatTheServerTakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		note := rapid.StringN(0, 1500, 3000).Draw(t, "note")
		if rapid.Bool().Draw(t, "long") {
			note += strings.Repeat("é", 600)
		}
		var got sink
		events.NewRecorder(&got).Record(nil, events.Failed("Reason", note))
		sent := got.event.Note
		if len(sent) > 1024 || !utf8.ValidString(sent) || strings.ContainsFunc(sent, unicode.IsControl) {
			t.Fatalf("%d bytes are sent: %q", len(sent), sent)
		}
		if len(note) <= 1024 && len([]rune(sent)) != len([]rune(note)) {
			t.Fatalf("%q became %q without need", note, sent)
		}
		if len(note) > 1024 && (!strings.HasSuffix(sent, "...") || len(sent) < 1000) {
			t.Fatalf("too little is left: %q", sent)
		}
	})
}
