// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/fault"
)

// TestImportsOfImportsAreNoSecretOfTheirs: what an imported folder imports itself looks as if
// it lay there, and is told apart where paths are guarded.
func TestImportsOfImportsAreNoSecretOfTheirs(t *testing.T) {
	lists := map[string]string{
		"/app": `{"secrets":[` + secretOf("OWN", "x", "/app") + `],"imports":[
			{"secretPath":"/allowed","environment":"prod","secrets":[` + secretOf("LIES", "x", "") + "," + secretOf("PASSES", "x", "") + `]},
			{"secretPath":"/closed","environment":"prod","secrets":[` + secretOf("CLOSED", "x", "") + `]},
			{"secretPath":"/","environment":"dev","secrets":[` + secretOf("OTHER", "x", "") + `]}]}`,
		// One of the same name that is another secret is none.
		"/allowed": listOf(secretOf("LIES", "x", "/allowed"), strings.ReplaceAll(secretOf("PASSES", "x", "/allowed"), "id-of-", "another-")),
	}
	for name, tc := range map[string]struct {
		guarded bool
		beyond  []string
		lists   int
		tag     string
	}{
		"Guarded": {guarded: true, beyond: []string{"CLOSED", "PASSES"}, lists: 3},
		"Open":    {lists: 1, tag: `"one"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.handle(list, func(w http.ResponseWriter, r *http.Request) {
				body, ok := lists[r.URL.Query().Get("secretPath")]
				if !ok {
					w.WriteHeader(http.StatusForbidden)
					body = failure(403, "PermissionDenied", "x")
				}
				if r.URL.Query().Get("secretPath") != "/app" && r.URL.Query().Get("includeImports") != "false" {
					t.Error("want what a folder has itself asked for without imports")
				}
				w.Header().Set("ETag", `"one"`)
				_, _ = w.Write([]byte(body))
			})
			entry, err := open(t, s, settings{guarded: tc.guarded}).Read(t.Context(), ref(t, "app", "", ""))
			want(t, err, "", "")
			var beyond []string
			for _, field := range []string{"CLOSED", "LIES", "OTHER", "OWN", "PASSES"} {
				if entry.Values[field].From.Beyond {
					beyond = append(beyond, field)
				}
			}
			if diff := cmp.Diff(tc.beyond, beyond); diff != "" || s.count(list) != tc.lists || entry.Tag != tc.tag {
				t.Errorf("want %d lists and tag %q, got %d and %q; what passes through (-want +got):\n%s", tc.lists, tc.tag, s.count(list), entry.Tag, diff)
			}
		})
	}
}

// TestPathsTheServerWouldCutAreRefused: it takes spaces from the ends of a path, which is
// another one then than was let through.
func TestPathsTheServerWouldCutAreRefused(t *testing.T) {
	for _, path := range []string{" ", "apps/ ", "apps /x", " apps"} {
		for _, pin := range []string{"", "1"} {
			s := newStub()
			field := strings.Repeat("K", len(pin))
			_, err := open(t, s, settings{guarded: true}).Read(t.Context(), ref(t, path, field, pin))
			want(t, err, fault.InvalidSpec, reasonInvalidPath)
			if len(s.requests) != 0 {
				t.Errorf("%q: want nothing asked", path)
			}
		}
	}
}

// TestOriginsAreTakenFromTheAnswer: where a value says it lies counts, not where it was
// looked for.
func TestOriginsAreTakenFromTheAnswer(t *testing.T) {
	elsewhere := strings.ReplaceAll(secretOf("K", backendtest.Marker, "/closed"), `"version"`, `"environment":"dev","version"`)
	s := newStub()
	s.on(list, 200, listOf(elsewhere))
	s.on(list+"/K", 200, `{"secret":`+elsewhere+`}`)
	b := open(t, s, settings{guarded: true})
	for _, r := range []backend.EntryRef{ref(t, "app", "", ""), ref(t, "app", "K", "1")} {
		entry, err := b.Read(t.Context(), r)
		want(t, err, "", "")
		if got := entry.Values["K"].From; got != (backend.Origin{Container: "dev", Path: "closed"}) {
			t.Errorf("%s: want the origin told, got %q", r, got)
		}
	}
}

// TestAnswersAreBounded: lists of next to nothing would cost memory a hundred times their
// size, and a tag is kept.
func TestAnswersAreBounded(t *testing.T) {
	many := make([]string, maxItems+1)
	for i := range many {
		many[i] = fmt.Sprintf(`{"id":"i","version":1,"secretKey":"K%d","secretValue":""}`, i)
	}
	for name, body := range map[string]string{
		"Secrets": listOf(many...),
		"Imports": `{"secrets":[],"imports":[{}` + strings.Repeat(",{}", maxItems) + `]}`,
		"Key":     listOf(secretOf(strings.Repeat("K", maxText+1), "x", "")),
		"Path":    listOf(secretOf("K", "x", "/"+strings.Repeat("p", maxText+1))),
		"Tags":    listOf(`{"id":"i","version":1,"secretKey":"K","secretValue":"","tags":[{}` + strings.Repeat(",{}", maxItems) + `]}`),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.on(list, 200, body)
			want(t, readApp(t, open(t, s, settings{})), fault.Unavailable, "UnreadableAnswer")
		})
	}
	s := newStub()
	s.on(list, 200, listOf(secretOf("K", "x", "")), "ETag", `"`+strings.Repeat("x", maxTag)+`"`)
	entry, err := open(t, s, settings{}).Read(t.Context(), ref(t, "app", "", ""))
	want(t, err, "", "")
	if entry.Tag != "" {
		t.Errorf("want no tag of %d bytes kept", len(entry.Tag))
	}
}

// TestContainerIsProven: what the server does not tell is no proof, though the login was good.
func TestContainerIsProven(t *testing.T) {
	for name, tc := range map[string]struct {
		environments string
		class        fault.Class
		reason       string
	}{
		"There":   {environments: `[{"slug":"prod"}]`},
		"NotTold": {environments: `[]`, class: fault.Unavailable, reason: reasonNotTold},
		"Gone":    {environments: `[{"slug":"dev"}]`, class: fault.NotFound, reason: backend.ReasonMountNotFound},
		"NoSlug":  {environments: `[{"slug":` + quote(backendtest.Marker) + `}]`, class: fault.Unavailable, reason: reasonNotTold},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.on("/v1/projects/p1", 200, `{"project":{"id":"p1","environments":`+tc.environments+`}}`)
			b := open(t, s, settings{spec: v1alpha1.InfisicalBackend{}})
			want(t, b.ProveContainer(t.Context(), ref(t, "app", "", "")), tc.class, tc.reason)
			if err := b.Probe(t.Context()); (err == nil) != (tc.class != fault.NotFound) {
				t.Errorf("want the login told good unless the environment is gone, got %v", err)
			}
		})
	}
}
