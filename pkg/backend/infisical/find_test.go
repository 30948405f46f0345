// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

const (
	folders    = "/v2/folders"
	oldFolders = "/v1/folders"
)

func foldersOf(folders ...string) string { return `{"folders":[` + strings.Join(folders, ",") + `]}` }

func TestFoldersAreListed(t *testing.T) {
	flat := foldersOf(`{"name":"b"}`, `{"name":"a"}`, `{"name":"__reserve","isReserved":true}`)
	deep := foldersOf(`{"name":"b","relativePath":"b"}`, `{"name":"c","relativePath":"/b/c"}`, `{"name":"odd?","relativePath":"odd?"}`)
	cases := map[string]struct {
		recursive bool
		body      string
		want      []string
		query     string
	}{
		"Flat": {body: flat, want: []string{"", "a", "b"}, query: "environment=prod&path=%2Fapp&projectId=p1&recursive=false&workspaceId=p1"},
		"Deep": {recursive: true, body: deep, want: []string{"", "b", "b/c", "odd?"}, query: "environment=prod&path=%2Fapp&projectId=p1&recursive=true&workspaceId=p1"},
		"None": {body: foldersOf(), want: []string{""}, query: "environment=prod&path=%2Fapp&projectId=p1&recursive=false&workspaceId=p1"},
	}
	for name, tc := range cases {
		for generation, at := range map[string]string{"New": folders, "Old": oldFolders} {
			t.Run(name+generation, func(t *testing.T) {
				s := newStub()
				s.On(at, 200, tc.body)
				got, err := open(t, s, settings{}).ListFolder(t.Context(), ref(t, "app", "", ""), tc.recursive)
				want(t, err, "", "")
				if diff := cmp.Diff(tc.want, got.Names); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if got.Requests != s.Count(folders)+s.Count(oldFolders) {
					t.Errorf("want the requests counted, got %d", got.Requests)
				}
				if query := s.Last(t, at).Query; query != tc.query {
					t.Errorf("want %s, got %s", tc.query, query)
				}
			})
		}
	}
}

func TestFoldersAreRefused(t *testing.T) {
	many := make([]string, backend.MaxFolderEntries)
	for i := range many {
		many[i] = fmt.Sprintf(`{"name":"f%d"}`, i)
	}
	cases := map[string]struct {
		with      settings
		path      string
		recursive bool
		status    int
		body      string
		class     fault.Class
		because   string
	}{
		"TooMany":        {status: 200, body: foldersOf(many...), class: fault.InvalidContent, because: backend.ReasonFolderTooLarge},
		"TooDeep":        {recursive: true, status: 200, body: foldersOf(`{"name":"x","relativePath":"` + strings.Repeat("x/", backend.MaxFolderDepth) + `x"}`), class: fault.InvalidContent, because: backend.ReasonFolderTooLarge},
		"TooManyItems":   {status: 200, body: foldersOf(`{"name":"f"}` + strings.Repeat(`,{"name":"f"}`, maxItems)), class: fault.InvalidContent, because: backend.ReasonFolderTooLarge},
		"TooManyBytes":   {status: 200, body: foldersOf(`{"name":"` + strings.Repeat("f", remote.MaxBody) + `"}`), class: fault.InvalidContent, because: backend.ReasonFolderTooLarge},
		"NoneBelow":      {recursive: true, status: 200, body: foldersOf(`{"name":"x"}`), class: fault.InvalidSpec, because: reasonListingUnsupported},
		"RecursiveEntry": {with: settings{spec: v1alpha1.InfisicalBackend{Recursive: new(true)}}, status: 200, body: foldersOf(), class: fault.InvalidSpec, because: reasonListingUnsupported},
		"Spaces":         {path: "app/ x", status: 200, body: foldersOf(), class: fault.InvalidSpec, because: reasonInvalidPath},
		"NoFolder":       {status: 404, body: failure(404, errorNotFound, "Folder not found"), class: fault.NotFound, because: backend.ReasonEntryNotFound},
		"Denied":         {status: 403, body: failure(403, "PermissionDenied", "no"), class: fault.Denied, because: remote.ReasonPermissionDenied},
		"Nameless":       {status: 200, body: foldersOf(`{"name":""}`), class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"NoFolders":      {status: 200, body: `{}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"NoList":         {status: 200, body: `{"folders":{}}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On(folders, tc.status, tc.body)
			path := tc.path
			if path == "" {
				path = "app"
			}
			_, err := open(t, s, tc.with).ListFolder(t.Context(), ref(t, path, "", ""), tc.recursive)
			want(t, err, tc.class, tc.because)
		})
	}
	_, err := open(t, newStub(), settings{}).ListFolder(t.Context(), ref(t, "app", "", ""), false)
	want(t, err, fault.Unavailable, remote.ReasonServerError)
}
