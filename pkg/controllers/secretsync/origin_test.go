// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
)

// TestKnownFields: what the newest revision took of an entry is known, unless two backends
// have an entry of that path: then nobody knows whose it was.
func TestKnownFields(t *testing.T) {
	for name, tc := range map[string]struct {
		backends [2]string
		paths    [2]string
		want     [][]string
	}{
		"OnePath":     {backends: [2]string{"a", "b"}, paths: [2]string{"db", "api"}, want: [][]string{{"PASSWORD"}, nil}},
		"SamePath":    {backends: [2]string{"a", "b"}, paths: [2]string{"db", "db"}, want: [][]string{nil, nil}},
		"SameBackend": {backends: [2]string{"a", "a"}, paths: [2]string{"db", "api"}, want: [][]string{{"PASSWORD"}, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			u := &run{object: &v1alpha1.SecretSync{}}
			u.status.History = []v1alpha1.HistoryEntry{{Revision: 1, Sources: []v1alpha1.SourceVersion{
				{Path: "db", Values: []v1alpha1.ValueVersion{{Field: "PASSWORD", Version: "1"}}},
			}}}
			for i, path := range tc.paths {
				ref, err := backend.ParseRef(path, "")
				if err != nil {
					t.Fatal(err)
				}
				u.wants = append(u.wants, poll.Want{Source: poll.Source{Backend: tc.backends[i]}, Ref: ref})
				u.object.Spec.DataFrom = append(u.object.Spec.DataFrom, v1alpha1.DataFrom{Entry: &v1alpha1.EntrySource{
					Path: path, BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: tc.backends[i]},
				}})
			}
			var err error
			if u.plan, err = render.NewPlan(&u.object.Spec, nil); err != nil {
				t.Fatal(err)
			}
			for place, want := range tc.want {
				if diff := cmp.Diff(want, u.knownFields(place)); diff != "" {
					t.Errorf("want %d: (-want +got):\n%s", place, diff)
				}
			}
		})
	}
}
