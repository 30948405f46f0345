// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// readOf is a run that has read the entry app, guarded by a pattern.
func readOf(t *testing.T, spec v1alpha1.SecretSyncSpec, pattern string, values map[string]backend.ValueInfo) *run {
	t.Helper()
	plan, err := render.NewPlan(&spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	guard, err := backend.NewGuard(&v1alpha1.Allow{Namespaces: &v1alpha1.NamespaceSelection{}, Paths: []string{pattern}}, "team", nil)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := backend.ParseRef("app", "")
	if err != nil {
		t.Fatal(err)
	}
	entry := backend.Entry{Fields: map[string]sensitive.Value{}, Values: values}
	for field := range values {
		entry.Fields[field] = sensitive.FromString(`"v"`)
	}
	return &run{
		object: &v1alpha1.SecretSync{Spec: spec}, plan: plan, guards: []backend.Guard{guard},
		wants:    []poll.Want{{Source: poll.Source{Backend: "ClusterSecretBackend/i"}, Ref: ref}},
		snapshot: &poll.Snapshot{Results: []poll.Result{{Entry: entry}}},
	}
}

func whole() v1alpha1.SecretSyncSpec {
	return v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "app"}}}}
}

func oneField(field string) v1alpha1.SecretSyncSpec {
	return v1alpha1.SecretSyncSpec{Data: []v1alpha1.DataItem{
		{SecretKey: "K", From: v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: "app"}, Field: field}},
	}}
}

// TestOriginsOfWhatIsTaken: a value from elsewhere, or one that is only a reference, keeps
// those who take it from being served, and nobody else.
func TestOriginsOfWhatIsTaken(t *testing.T) {
	values := map[string]backend.ValueInfo{
		"OWN": {ID: "1", Version: "7"}, "IMPORTED": {From: backend.Origin{Path: "others"}}, "REFERS": {Unresolved: true},
	}
	cases := map[string]struct {
		spec    v1alpha1.SecretSyncSpec
		pattern string
		reason  string
	}{
		"Whole":            {spec: whole(), pattern: "app", reason: backend.ReasonNotAllowed},
		"Imported":         {spec: oneField("IMPORTED"), pattern: "app", reason: backend.ReasonNotAllowed},
		"ImportedAllowed":  {spec: oneField("IMPORTED"), pattern: "**"},
		"Refers":           {spec: oneField("REFERS"), pattern: "**", reason: "ReferenceNotExpanded"},
		"Own":              {spec: oneField("OWN"), pattern: "app"},
		"WholeOfAReaching": {spec: whole(), pattern: "**", reason: "ReferenceNotExpanded"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := readOf(t, tc.spec, tc.pattern, values).render(); fault.ReasonOf(err) != tc.reason {
				t.Errorf("want reason %q, got %v", tc.reason, err)
			}
		})
	}
}

// TestSourcesTellWhatIsTaken: a revision records the values that it took, as far as there is
// room.
func TestSourcesTellWhatIsTaken(t *testing.T) {
	values := map[string]backend.ValueInfo{"A": {ID: "1", Version: "7"}, "B": {ID: "2", Version: "1", From: backend.Origin{Path: "app/below"}}}
	u := readOf(t, oneField("B"), "**", values)
	want := history.Source{Backend: "ClusterSecretBackend/i", Path: "app", Values: []history.Value{{Field: "B", ID: "2", Version: "1", From: "app/below"}}}
	if diff := cmp.Diff(want, u.sourceOf(0)); diff != "" {
		t.Errorf("another source (-want +got):\n%s", diff)
	}

	many := map[string]backend.ValueInfo{}
	for i := range 10_000 {
		many[fmt.Sprintf("KEY_%05d", i)] = backend.ValueInfo{ID: "0f9e4d1c-1111-2222-3333-444455556666", Version: "1"}
	}
	if got := readOf(t, whole(), "**", many).sourceOf(0); !got.Cut || len(got.Values) == 0 || len(got.Values) >= len(many) {
		t.Errorf("want as many values as there is room for, got %d, cut %t", len(got.Values), got.Cut)
	}
}

// TestAmbiguousFieldsAreTold: a value that won against others of its name is an event.
func TestAmbiguousFieldsAreTold(t *testing.T) {
	u := readOf(t, whole(), "**", map[string]backend.ValueInfo{"A": {Hides: []backend.Origin{{Path: "app/x"}}}, "B": {}})
	u.tellAmbiguous()
	if len(u.events) != 1 || u.events[0].Reason != "FieldsAmbiguous" {
		t.Errorf("want one event, got %+v", u.events)
	}
}
