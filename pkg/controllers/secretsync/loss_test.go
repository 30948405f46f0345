// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// TestWithheld: what is lost is told by field, place and key, and only if nothing else is wrong.
func TestWithheld(t *testing.T) {
	denied := fault.New(fault.Denied, "PermissionDenied", "no")
	hidden := poll.Result{Err: denied, Withheld: []backend.Field{{Name: "b"}, {Name: "a", From: backend.Origin{Path: "shared"}}}}
	names := []string{"i", "db", "b", "", "i", "db", "a", "shared"}
	for name, tc := range map[string]struct {
		results []poll.Result
		data    []v1alpha1.DataItem
		want    *loss
	}{
		"Hidden":       {results: []poll.Result{hidden, {}}, want: &loss{names: names, keys: []string{"A", "B"}}},
		"AnotherFails": {results: []poll.Result{hidden, {Err: denied}}},
		"Named": {
			results: []poll.Result{hidden, {}},
			data:    []v1alpha1.DataItem{{SecretKey: "X", From: v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: "db", BackendRef: refTo("i")}, Field: "b"}}},
			want:    &loss{names: names, keys: []string{"A", "B"}, named: `field "b" of entry "db"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := wanting(t, [2]string{"i", "db"}, [2]string{"i", "api"})
			u.object.Spec.Data = tc.data
			u.object.Spec.DataFrom[0].Rename = []v1alpha1.RenameRule{{Case: v1alpha1.CaseUpper}}
			var err error
			if u.plan, err = render.NewPlan(&u.object.Spec, nil); err != nil {
				t.Fatal(err)
			}
			u.snapshot = &poll.Snapshot{Results: tc.results}
			if diff := cmp.Diff(tc.want, u.withheld(), cmp.AllowUnexported(loss{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func refTo(name string) *v1alpha1.BackendRef {
	return &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: name}
}

// TestConcededKeysAreNoShrink: the loss that a person accepted counts no second time, and what went
// besides does.
func TestConcededKeysAreNoShrink(t *testing.T) {
	before := contentOf("a", "b", "c", "d", "e")
	for name, tc := range map[string]struct {
		conceded []string
		want     []string
	}{
		"Nothing": {want: []string{"b", "c", "d", "e"}},
		"All":     {conceded: []string{"b", "c", "d", "e"}},
		"One":     {conceded: []string{"b"}, want: []string{"c", "d", "e"}},
	} {
		t.Run(name, func(t *testing.T) {
			now := contentOf("a")
			u := &run{object: &v1alpha1.SecretSync{}, content: &now, conceded: tc.conceded}
			if diff := cmp.Diff(tc.want, u.lostKeys(before)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func contentOf(keys ...string) render.Content {
	content := render.Content{Data: map[string]sensitive.Value{}}
	for _, key := range keys {
		content.Data[key] = sensitive.FromString("v")
	}
	return content
}

// TestSome: a message does not grow with the number of keys.
func TestSome(t *testing.T) {
	if got := some(strings.Split("abcdefghijklmnopqrst", "")); got != "a, b, c, d, e, f, g, h and 12 more" {
		t.Errorf("got %q", got)
	}
}
