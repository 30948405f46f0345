// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/poll"
)

func TestVersionsOf(t *testing.T) {
	want := func(in, path string) poll.Want {
		ref, err := backend.ParseRef(path, "")
		if err != nil {
			t.Fatal(err)
		}
		return poll.Want{Source: poll.Source{Backend: in}, Ref: ref}
	}
	wants := []poll.Want{want("x", "a"), want("x", "b"), want("x", "c"), want("y", "c"), want("x", "c"), want("x", "d")}
	results := []poll.Result{
		{Versions: []string{"1"}}, {}, {Versions: []string{"2"}}, {Versions: []string{"3"}}, {Versions: []string{"2"}}, {Versions: []string{}},
	}
	if diff := cmp.Diff(map[string][]string{"a": {"1"}, "d": {}}, versionsOf(wants, results)); diff != "" {
		t.Errorf("c is of two backends, and b did not tell (-want +got):\n%s", diff)
	}
}

func TestFlagDestroyed(t *testing.T) {
	u := newRun(func(u *run) {
		u.versions = map[string][]string{"a": {"3", "2"}, "none": {}}
		u.status.History = []v1alpha1.HistoryEntry{
			{Revision: 3, Sources: []v1alpha1.SourceVersion{{Path: "a", Version: "3"}, {Path: "unversioned"}, {Path: "none", Version: "7"}}},
			{Revision: 2, Sources: []v1alpha1.SourceVersion{{Path: "a", Version: "2"}, {Path: "unknown", Version: "1"}}},
			{Revision: 1, Sources: []v1alpha1.SourceVersion{{Path: "a", Version: "1"}}},
		}
	})
	u.flagDestroyed()
	gone := func(path, version string) v1alpha1.SourceVersion {
		return v1alpha1.SourceVersion{Path: path, Version: version, Destroyed: new(true)}
	}
	want := []v1alpha1.HistoryEntry{
		{Revision: 3, Sources: []v1alpha1.SourceVersion{{Path: "a", Version: "3"}, {Path: "unversioned"}, gone("none", "7")}},
		{Revision: 2, Sources: []v1alpha1.SourceVersion{{Path: "a", Version: "2"}, {Path: "unknown", Version: "1"}}},
		{Revision: 1, Sources: []v1alpha1.SourceVersion{gone("a", "1")}},
	}
	if diff := cmp.Diff(want, u.status.History); diff != "" {
		t.Errorf("flagged otherwise (-want +got):\n%s", diff)
	}
	if u.flagDestroyed(); len(u.events) != 2 {
		t.Errorf("want each told once, got %v", u.events)
	}
}
