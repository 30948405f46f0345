// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
)

// wanting is a run that wants entries, by backend and path.
func wanting(t *testing.T, entries ...[2]string) *run {
	t.Helper()
	u := &run{object: &v1alpha1.SecretSync{}}
	for _, entry := range entries {
		ref, err := backend.ParseRef(entry[1], "")
		if err != nil {
			t.Fatal(err)
		}
		u.wants = append(u.wants, poll.Want{Source: poll.Source{Backend: entry[0]}, Ref: ref})
		u.object.Spec.DataFrom = append(u.object.Spec.DataFrom, v1alpha1.DataFrom{Entry: &v1alpha1.EntrySource{
			Path: entry[1], BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: entry[0]},
		}})
	}
	var err error
	if u.plan, err = render.NewPlan(&u.object.Spec, nil); err != nil {
		t.Fatal(err)
	}
	return u
}

// TestKnownFields: what the newest revision took of an entry is known with where it came from;
// of a path that two backends have an entry of, only if the revision itself tells.
func TestKnownFields(t *testing.T) {
	values := []history.Value{{Field: "OWN"}, {Field: "DEEP", From: "db/deep"}, {Field: "LOG", From: "shared", Container: "dev"}}
	all := []backend.Field{
		{Name: "OWN"}, {Name: "DEEP", From: backend.Origin{Path: "db/deep"}},
		{Name: "LOG", From: backend.Origin{Path: "shared", Container: "dev"}},
	}
	for name, tc := range map[string]struct {
		wants   [][2]string
		backend string // of the sources
		want    [][]backend.Field
	}{
		"OfStatus":            {wants: [][2]string{{"a", "db"}, {"b", "api"}}, want: [][]backend.Field{all, nil}},
		"OfRevision":          {wants: [][2]string{{"a", "db"}, {"b", "api"}}, backend: "a", want: [][]backend.Field{all, nil}},
		"SamePathOfStatus":    {wants: [][2]string{{"a", "db"}, {"b", "db"}}, want: [][]backend.Field{nil, nil}},
		"SamePathOfRevision":  {wants: [][2]string{{"a", "db"}, {"b", "db"}}, backend: "b", want: [][]backend.Field{nil, all}},
		"OneBackendOfStatus":  {wants: [][2]string{{"a", "db"}, {"a", "api"}}, want: [][]backend.Field{all, nil}},
		"AnotherOfTheBackend": {wants: [][2]string{{"a", "db"}}, backend: "former", want: [][]backend.Field{nil}},
	} {
		t.Run(name, func(t *testing.T) {
			u := wanting(t, tc.wants...)
			for place, want := range tc.want {
				got := u.knownFields([]history.Source{{Backend: tc.backend, Path: "db", Values: values}}, place)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("want %d: (-want +got):\n%s", place, diff)
				}
			}
		})
	}
}

// TestKnownFieldsAreThoseStillTaken: what is no longer taken is not missed.
func TestKnownFieldsAreThoseStillTaken(t *testing.T) {
	u := readOf(t, oneField("B"), "**", nil)
	got := u.knownFields([]history.Source{
		{Path: "app", Values: []history.Value{{Field: "A"}, {Field: "B"}}}, {Path: "other", Values: []history.Value{{Field: "B"}}},
	}, 0)
	if diff := cmp.Diff([]backend.Field{{Name: "B"}}, got); diff != "" {
		t.Errorf("want what is still taken known (-want +got):\n%s", diff)
	}
}

// TestStatusTellsWhatItCan: a small object needs no revision to be read; one whose status is
// lost, has no room, or cannot tell two backends apart does.
func TestStatusTellsWhatItCan(t *testing.T) {
	record := func(values int) v1alpha1.HistoryEntry {
		source := history.Source{Backend: "a", Path: "db"}
		for i := range values {
			source.Values = append(source.Values, history.Value{Field: fmt.Sprintf("K%03d", i), Version: "1", From: "shared", Container: "dev", Beyond: i == 0})
		}
		return history.Record{ID: (&run{}).id(4), Sources: []history.Source{source}}.Entry(revision.Keys{Current: bytes.Repeat([]byte{1}, 32)})
	}
	for name, tc := range map[string]struct {
		wants  [][2]string
		status []v1alpha1.HistoryEntry
		kept   []int64
		number int64
		whole  bool
	}{
		"Small":    {wants: [][2]string{{"a", "db"}}, status: []v1alpha1.HistoryEntry{record(32)}, kept: []int64{4}, number: 4, whole: true},
		"Large":    {wants: [][2]string{{"a", "db"}}, status: []v1alpha1.HistoryEntry{record(33)}, kept: []int64{4}, number: 4},
		"SamePath": {wants: [][2]string{{"a", "db"}, {"b", "db"}}, status: []v1alpha1.HistoryEntry{record(1)}, kept: []int64{4}, number: 4},
		"Lost":     {wants: [][2]string{{"a", "db"}}, kept: []int64{2, 4}, number: 4},
		"New":      {wants: [][2]string{{"a", "db"}}, whole: true},
	} {
		t.Run(name, func(t *testing.T) {
			u := wanting(t, tc.wants...)
			u.status.History = tc.status
			number, told, whole := u.lastTold(tc.kept)
			if number != tc.number || whole != tc.whole {
				t.Errorf("want revision %d, whole %t, got %d and %t", tc.number, tc.whole, number, whole)
			}
			if len(tc.status) > 0 {
				want := history.Value{Field: "K000", Version: "1", From: "shared", Container: "dev", Beyond: true}
				if diff := cmp.Diff(want, told[0].Values[0]); diff != "" {
					t.Errorf("want where it came from told (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestTakings: what was read of a revision is kept, replaced by what is recorded after it,
// and dropped; nothing is kept of those that need none.
func TestTakings(t *testing.T) {
	var known takings
	key := (&run{}).key
	sources := func(path string) []history.Source { return []history.Source{{Path: path}} }
	known.learn(key, history.Record{ID: (&run{}).id(1), Sources: sources("unasked")})
	if got := known.of(key); got.revision != 0 {
		t.Errorf("want nothing kept that nobody asked for, got %+v", got)
	}
	known.keep(key, taking{revision: 1, sources: sources("read")})
	known.learn(key, history.Record{ID: (&run{}).id(2), Sources: sources("recorded")})
	if got := known.of(key); got.revision != 2 || got.sources[0].Path != "recorded" {
		t.Errorf("want what was recorded last, got %+v", got)
	}
	if known.drop(key); len(known.kept) != 0 {
		t.Errorf("want nothing kept, got %+v", known.kept)
	}
}
