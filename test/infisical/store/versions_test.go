// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// written is a row of the history as the property expects it.
type written struct {
	id, value string
	version   int
}

// TestVersionsCountPerSecret: whatever is written, a secret's version is the number of its writes,
// and each version tells what was written then, or what an older secret of that name had.
func TestVersionsCountPerSecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		newest := rapid.Bool().Draw(t, "newest candidate")
		w := newWorld(t, store.Rules{NewestCandidate: newest})
		history := map[string][]written{}
		live := map[string]bool{}
		for i := range rapid.IntRange(1, 30).Draw(t, "writes") {
			key := rapid.SampledFrom([]string{"A", "B"}).Draw(t, "key")
			value := strconv.Itoa(i)
			switch {
			case !live[key]:
				made := w.create(t, "/", key, value)
				if made.Version != 1 {
					t.Fatalf("a new secret has version %d", made.Version)
				}
				history[key] = append(history[key], written{made.ID, value, 1})
				live[key] = true
			case rapid.Bool().Draw(t, "delete"):
				w.remove(t, "/", key)
				live[key] = false
			default:
				last := history[key][len(history[key])-1]
				changed := w.set(t, "/", key, value)
				if changed.Version != last.version+1 || changed.ID != last.id {
					t.Fatalf("after %+v came %+v", last, changed)
				}
				history[key] = append(history[key], written{changed.ID, value, changed.Version})
			}
		}
		for key, rows := range history {
			for _, row := range rows {
				got := w.value(t, store.Reading{Place: w.at("/"), Key: key, Version: &row.version})
				if want := candidate(rows, row.version, newest); got != want {
					t.Fatalf("version %d of %s is %q, want %q", row.version, key, got, want)
				}
			}
		}
	})
}

// candidate is the value of the oldest or newest row of a version.
func candidate(rows []written, version int, newest bool) string {
	value := ""
	for _, row := range rows {
		if row.version == version && (value == "" || newest) {
			value = row.value
		}
	}
	return value
}

func TestEveryChangeIsAVersion(t *testing.T) {
	w := newWorld(t, store.Rules{})
	made := w.create(t, "/", "A", "1")
	tag, err := w.CreateTag(w.project.ID, "k8s", "", "#fff")
	if err != nil {
		t.Fatal(err)
	}
	comment, skip := "why", true
	for i, change := range []store.Write{
		{Key: "A", Comment: &comment},
		{Key: "A", TagIDs: []string{tag.ID}},
		{Key: "A", Metadata: []store.Metadata{{Key: "owner", Value: "core"}}},
		{Key: "A", SkipMultiline: &skip},
		{Key: "A", NewKey: "B"},
	} {
		changed, err := w.Update(anybody(), w.at("/"), change)
		if err != nil {
			t.Fatal(err)
		}
		if changed[0].Version != i+2 || changed[0].ID != made.ID || changed[0].Value != "1" {
			t.Errorf("change %d: %+v", i, changed[0])
		}
	}
	rows := w.Versions(made.ID)
	if len(rows) != 6 || rows[0].Version != 6 || rows[0].Key != "B" || rows[5].Key != "A" {
		t.Errorf("history %+v", rows)
	}
}

func TestVersionsAfterRenameAndDelete(t *testing.T) {
	one := 1
	two := 2
	cases := map[string]struct {
		reason string
		rules  store.Rules
		do     func(t tester, w *world)
		read   store.Reading
		want   string // empty: not found
	}{
		"RenamedOldName": {
			reason: "old versions stay under the old name",
			do:     rename, read: store.Reading{Key: "A", Version: &one}, want: "1",
		},
		"RenamedNewName": {reason: "and only there", do: rename, read: store.Reading{Key: "B", Version: &one}},
		"RenamedNewest":  {do: rename, read: store.Reading{Key: "B", Version: &two}, want: "1"},
		"Deleted": {
			reason: "the history outlives the secret",
			do:     func(t tester, w *world) { w.remove(t, "/", "A") },
			read:   store.Reading{Key: "A", Version: &one}, want: "1",
		},
		"DeletedGone": {
			reason: "or not", rules: store.Rules{DeletedVersionsGone: true},
			do:   func(t tester, w *world) { w.remove(t, "/", "A") },
			read: store.Reading{Key: "A", Version: &one},
		},
		"Missing": {do: nothing, read: store.Reading{Key: "A", Version: &two}},
		"MissingImported": {
			reason: "an import answers for a version that does not exist",
			do:     importing, read: store.Reading{Key: "A", Version: &two, Imports: true}, want: "imported",
		},
		"MissingNeverImported": {
			rules: store.Rules{VersionNeverImported: true},
			do:    importing, read: store.Reading{Key: "A", Version: &two, Imports: true},
		},
		"MissingNoImports": {do: importing, read: store.Reading{Key: "A", Version: &two}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.rules)
			w.create(t, "/", "A", "1")
			tc.do(t, w)
			tc.read.Place, tc.read.ViewValue = w.at("/"), true
			got, err := w.Get(everything(), tc.read)
			if tc.want == "" {
				if status, name := refusal(t, err); status != 404 || name != "NotFound" {
					t.Errorf("%s: %d %s", tc.reason, status, name)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Value != tc.want {
				t.Errorf("%s: %q, want %q", tc.reason, got.Value, tc.want)
			}
		})
	}
}

func nothing(tester, *world) {}

func rename(t tester, w *world) {
	if _, err := w.Update(anybody(), w.at("/"), store.Write{Key: "A", NewKey: "B"}); err != nil {
		t.Fatal(err)
	}
}

func importing(t tester, w *world) {
	w.folder(t, "/", "shared")
	w.create(t, "/shared", "A", "imported")
	w.imports(t, "/", "/shared")
}

func TestVersionRowTellsLess(t *testing.T) {
	w := newWorld(t, store.Rules{})
	w.create(t, "/", "A", "1")
	if _, err := w.Update(anybody(), w.at("/"), store.Write{Key: "A", Metadata: []store.Metadata{{Key: "owner", Value: "core"}}}); err != nil {
		t.Fatal(err)
	}
	two := 2
	row, err := w.Get(everything(), store.Reading{Place: w.at("/"), Key: "A", Version: &two, ViewValue: true})
	if err != nil {
		t.Fatal(err)
	}
	live, err := w.Get(everything(), store.Reading{Place: w.at("/"), Key: "A", ViewValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if row.Metadata != nil || !row.FromVersion || len(live.Metadata) != 1 || live.FromVersion {
		t.Errorf("row %+v, secret %+v", row, live)
	}
}

func TestWritesAreAllOrNothing(t *testing.T) {
	w := newWorld(t, store.Rules{})
	w.create(t, "/", "A", "1")
	value := "2"
	before := len(w.changes)
	cases := map[string]func() error{
		"CreateTaken": func() error {
			_, err := w.Create(anybody(), w.at("/"), store.Write{Key: "B", Value: &value}, store.Write{Key: "A", Value: &value})
			return err
		},
		"UpdateMissing": func() error {
			_, err := w.Update(anybody(), w.at("/"), store.Write{Key: "A", Value: &value}, store.Write{Key: "B", Value: &value})
			return err
		},
		"DeleteMissing": func() error { _, err := w.Delete(anybody(), w.at("/"), "A", "B"); return err },
		"RenameTaken": func() error {
			w.create(t, "/", "C", "3")
			defer w.remove(t, "/", "C")
			_, err := w.Update(anybody(), w.at("/"), store.Write{Key: "A", NewKey: "C"})
			return err
		},
		"UnknownTag": func() error {
			_, err := w.Update(anybody(), w.at("/"), store.Write{Key: "A", Value: &value, TagIDs: []string{"none"}})
			return err
		},
		"NoFolder": func() error {
			_, err := w.Create(anybody(), w.at("/none"), store.Write{Key: "A", Value: &value})
			return err
		},
	}
	for name, try := range cases {
		t.Run(name, func(t *testing.T) {
			if status, _ := refusal(t, try()); status/100 != 4 {
				t.Errorf("refused with %d", status)
			}
			listed, _, err := w.List(everything(), store.Query{Place: w.at("/"), ViewValue: true})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]string{"A": "1"}, keysAndValues(listed)); diff != "" {
				t.Error(diff)
			}
			if listed[0].Version != 1 {
				t.Errorf("version %d", listed[0].Version)
			}
		})
	}
	for _, c := range w.changes[before:] {
		if len(c.Keys) != 1 || c.Keys[0] != "C" {
			t.Errorf("told of %+v", c)
		}
	}
}
