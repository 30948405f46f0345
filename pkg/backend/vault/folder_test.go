// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

func keysOf(names ...string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = backendtest.Text(name)
	}
	return `{"data":{"keys":[` + strings.Join(quoted, ",") + `]}}`
}

func TestFolderIsListedByLevels(t *testing.T) {
	s := newStub()
	s.On("secret/metadata/app/", 200, keysOf("b", "a", "sub/", "a/", "odd name?", "x#/", "../"))
	s.On("secret/metadata/app/sub/", 200, keysOf("deep/", "c"))
	s.On("secret/metadata/app/sub/deep/", 200, keysOf("d"))
	s.On("secret/metadata/app/a/", 200, keysOf("e"))
	v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Namespace: "eng"}})
	for recursive, want := range map[bool]backend.FolderListing{
		false: {Names: []string{"a", "b", "odd name?"}, Requests: 1},
		true:  {Names: []string{"../", "a", "a/e", "b", "odd name?", "sub/c", "sub/deep/d", "x#/"}, Requests: 4},
	} {
		got, err := v.ListFolder(t.Context(), ref(t, "app", ""), recursive)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("recursive %t (-want +got):\n%s", recursive, diff)
		}
	}
	if got := s.Last(t, "secret/metadata/app/sub/deep/"); got.Query != "list=true" || got.Header.Get("X-Vault-Namespace") != "eng" || got.Method != http.MethodGet {
		t.Errorf("want a list in the namespace, got %+v", got)
	}
}

func TestRootIsListed(t *testing.T) {
	s := newStub()
	s.On("secret/metadata/", 200, keysOf("a", "sub/"))
	s.On("secret/metadata/sub/", 200, keysOf("b"))
	got, err := newVault(t, s, settings{}).ListFolder(t.Context(), ref(t, backend.Root, ""), true)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "sub/b"}, got.Names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFolderThatIsTooLarge is refused at the bound, not after it.
func TestFolderThatIsTooLarge(t *testing.T) {
	cases := map[string]func(s *stub) (most int){
		"Entries": func(s *stub) int {
			names := make([]string, backend.MaxFolderEntries+1)
			for i := range names {
				names[i] = fmt.Sprint(i)
			}
			s.On("secret/metadata/app/", 200, keysOf(names...))
			return 1
		},
		"Bytes": func(s *stub) int {
			s.On("secret/metadata/app/", 200, keysOf(strings.Repeat("a", maxBody)))
			return 1
		},
		"Levels": func(s *stub) int {
			path := "secret/metadata/app/"
			for range 2 * backend.MaxFolderDepth {
				s.On(path, 200, keysOf("in/"))
				path += "in/"
			}
			return backend.MaxFolderDepth
		},
		"Folders": func(s *stub) int {
			names := make([]string, 2*backend.MaxFolderRequests)
			for i := range names {
				names[i] = fmt.Sprintf("f%d/", i)
			}
			s.On("secret/metadata/app/", 200, keysOf(names...))
			return backend.MaxFolderRequests
		},
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			most := prepare(s)
			v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{KVVersion: v1alpha1.KVVersion2}})
			got, err := v.ListFolder(t.Context(), ref(t, "app", ""), true)
			want(t, err, fault.InvalidContent, backend.ReasonFolderTooLarge)
			if got.Requests > most {
				t.Errorf("it took %d requests, want at most %d", got.Requests, most)
			}
		})
	}
}

func TestFolderFailures(t *testing.T) {
	cases := map[string]struct {
		status  int
		body    string
		class   fault.Class
		because string
		mention string
	}{
		"Empty":    {status: 404, body: absent},
		"Denied":   {status: 403, body: denial, class: fault.Denied, because: remote.ReasonPermissionDenied, mention: `path "secret/metadata/app/*" { capabilities = ["list"] }`},
		"NoMount":  {status: 404, body: noRoute, class: fault.NotFound, because: backend.ReasonMountNotFound},
		"Sealed":   {status: 503, body: `{"errors":["Vault is sealed"]}`, class: fault.Unavailable, because: ReasonSealed},
		"NoKeys":   {status: 200, body: `{"data":{}}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"NoNames":  {status: 200, body: `{"data":{"keys":{}}}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"Throttle": {status: 429, body: `{"errors":[]}`, class: fault.Throttled, because: remote.ReasonThrottled},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On("secret/metadata/app/", tc.status, tc.body)
			got, err := newVault(t, s, settings{}).ListFolder(t.Context(), ref(t, "app", ""), true)
			want(t, err, tc.class, tc.because)
			if len(got.Names) > 0 {
				t.Errorf("want no names, got %q", got.Names)
			}
			if err != nil && !strings.Contains(err.Error(), tc.mention) {
				t.Errorf("%q does not mention %s", err, tc.mention)
			}
		})
	}
}

// TestFolderThatTakesTooLong: a search that the timeout cuts off says what would help, and is an
// outage all the same.
func TestFolderThatTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		s.On("secret/metadata/app/", 200, keysOf("sub/"))
		s.Handle("secret/metadata/app/sub/", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := newVault(t, s, settings{spec: v1alpha1.VaultBackend{KVVersion: v1alpha1.KVVersion2}}).ListFolder(ctx, ref(t, "app", ""), true)
		want(t, err, fault.Unavailable, remote.ReasonTimeout)
		if !strings.Contains(fault.As(err).Message, "further down") {
			t.Errorf("want it told what would help, got %v", err)
		}
	})
}

// TestFolderOfAnotherEngine: a folder that seems empty because the mount was made anew is looked
// at again.
func TestFolderOfAnotherEngine(t *testing.T) {
	s := newStub()
	s.On("secret/metadata/app/", 200, keysOf("a"))
	v := newVault(t, s, settings{})
	if _, err := v.ListFolder(t.Context(), ref(t, "app", ""), false); err != nil {
		t.Fatal(err)
	}
	s.On("sys/internal/ui/mounts/secret", 200, kv1Mount)
	s.On("secret/metadata/app/", 404, absent)
	s.On("secret/app/", 200, keysOf("b"))
	v.engine.at = v.engine.at.Add(-2 * detectAgain)
	got, err := v.ListFolder(t.Context(), ref(t, "app", ""), false)
	if err != nil || !cmp.Equal(got.Names, []string{"b"}) {
		t.Errorf("want the entry of the other engine, got %q, %v", got.Names, err)
	}
}
