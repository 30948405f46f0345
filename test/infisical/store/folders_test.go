// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/test/infisical/store"
)

func TestTrim(t *testing.T) {
	for value, want := range map[string]string{
		"plain": "plain", "  around\t": "around", "line\n": "line\n", "lines\n\n\n": "lines\n", "\n": "\n", " ": "", "a\n ": "a", "a b": "a b",
	} {
		if got := store.Trim(value); got != want {
			t.Errorf("Trim(%q) = %q, want %q", value, got, want)
		}
	}
}

func TestFolders(t *testing.T) {
	w := newWorld(t, store.Rules{})
	w.folder(t, "/a/b", "c") // with all above it
	w.folder(t, "/", "x")
	names := func(path string, recursive bool, since time.Time) []string {
		t.Helper()
		found, err := w.ListFolders(w.at(path), recursive, since)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{}
		for _, f := range found {
			names = append(names, f.Relative)
		}
		return names
	}
	if diff := cmp.Diff([]string{"a", "x"}, names("/", false, time.Time{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "a/b", "a/b/c", "x"}, names("/", true, time.Time{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"c"}, names("/a/b/", false, time.Time{})); diff != "" {
		t.Error(diff)
	}
	before := w.clock.Now()
	w.clock.Step(time.Minute)
	w.create(t, "/a/b", "KEY", "1")
	if diff := cmp.Diff([]string{"a/b"}, names("/", true, before)); diff != "" {
		t.Errorf("modified since: %s", diff)
	}
	renamed, err := w.RenameFolder(w.at("/"), "a", "z")
	if err != nil || renamed.Path != "/z" || renamed.Version != 2 {
		t.Errorf("%+v, %v", renamed, err)
	}
	if got := w.value(t, store.Reading{Place: w.at("/z/b"), Key: "KEY"}); got != "1" {
		t.Errorf("in the renamed folder: %q", got)
	}
	if _, err := w.DeleteFolder(w.at("/"), renamed.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err = w.List(everything(), store.Query{Place: w.at("/z/b"), ViewValue: true})
	if status, name := refusal(t, err); status != 404 || name != "SecretPathNotFound" {
		t.Errorf("in the deleted folder: %d %s", status, name)
	}
}

func TestRefusedFolders(t *testing.T) {
	w := newWorld(t, store.Rules{})
	w.folder(t, "/", "taken")
	nowhere := w.at("/")
	nowhere.Environment = "none"
	for name, try := range map[string]func() error{
		"Taken":         func() error { _, err := w.CreateFolder(w.at("/"), "taken", ""); return err },
		"Name":          func() error { _, err := w.CreateFolder(w.at("/"), "a b", ""); return err },
		"Environment":   func() error { _, err := w.CreateFolder(nowhere, "a", ""); return err },
		"Project":       func() error { _, err := w.CreateFolder(store.Place{}, "a", ""); return err },
		"ListNowhere":   func() error { _, err := w.ListFolders(w.at("/none"), false, time.Time{}); return err },
		"RenameNowhere": func() error { _, err := w.RenameFolder(w.at("/"), "none", "a"); return err },
		"DeleteNowhere": func() error { _, err := w.DeleteFolder(w.at("/"), "none"); return err },
		"ImportNowhere": func() error { _, err := w.CreateImport(anybody(), w.at("/"), "dev", "/none"); return err },
		"SlugTaken":     func() error { _, err := w.CreateProject("x", "payments", "org"); return err },
		"NoSlug":        func() error { _, err := w.Project("none", true); return err },
		"NoProject":     func() error { _, err := w.Project("none", false); return err },
		"EnvTaken":      func() error { _, err := w.CreateEnvironment(w.project.ID, "dev", "dev"); return err },
		"NoRole":        func() error { _, err := w.Role(w.project.ID, "none"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			if status, _ := refusal(t, try()); status/100 != 4 {
				t.Errorf("refused with %d", status)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	w := newWorld(t, store.Rules{})
	tag, err := w.CreateTag(w.project.ID, "k8s", "Kubernetes", "#fff")
	if err != nil {
		t.Fatal(err)
	}
	value := "1"
	_, err = w.Create(anybody(), w.at("/"),
		store.Write{Key: "TAGGED", Value: &value, TagIDs: []string{tag.ID}},
		store.Write{Key: "OWNED", Value: &value, Metadata: []store.Metadata{{Key: "owner", Value: "core"}}},
		store.Write{Key: "PLAIN", Value: &value})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		query store.Query
		want  []string
	}{
		"Tag":        {store.Query{Tags: []string{"k8s", "other"}}, []string{"TAGGED"}},
		"OtherTag":   {store.Query{Tags: []string{"other"}}, nil},
		"Key":        {store.Query{Metadata: []store.Metadata{{Key: "owner"}}}, []string{"OWNED"}},
		"KeyValue":   {store.Query{Metadata: []store.Metadata{{Key: "owner", Value: "core"}}}, []string{"OWNED"}},
		"OtherValue": {store.Query{Metadata: []store.Metadata{{Key: "owner", Value: "web"}}}, nil},
		"Both":       {store.Query{Tags: []string{"k8s"}, Metadata: []store.Metadata{{Key: "owner"}}}, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.query.Place = w.at("/")
			listed, _, err := w.List(everything(), tc.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range listed {
				got = append(got, s.Key)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
