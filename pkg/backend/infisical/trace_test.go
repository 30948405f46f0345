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
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/fault"
)

// TestImportsAreTraced: what an imported folder imports itself looks as if it lay there, and
// is told to lie where it does, or that nobody knows.
func TestImportsAreTraced(t *testing.T) {
	imports := func(path, environment string, secrets ...string) string {
		return fmt.Sprintf(`{"secretPath":%q,"environment":%q,"secrets":[%s]}`, path, environment, strings.Join(secrets, ","))
	}
	with := func(own, imports []string) string {
		return `{"secrets":[` + strings.Join(own, ",") + `],"imports":[` + strings.Join(imports, ",") + `]}`
	}
	lies, passes, twice := secretOf("LIES", "x", ""), secretOf("PASSES", "x", ""), secretOf("TWICE", "x", "")
	another := strings.ReplaceAll(passes, "id-of-", "another-")
	lists := map[string]string{
		"/app": with([]string{secretOf("OWN", "x", "/app")}, []string{
			imports("/near", "prod", lies, passes, twice), imports("/closed", "prod", secretOf("CLOSED", "x", "")),
			imports("/", "dev", secretOf("OTHER", "x", "")),
			imports("/circle", "prod", secretOf("CIRCLE", "x", "")),
		}),
		// One of the same name that is another secret is none.
		"/near":   with([]string{lies, another}, []string{imports("/far", "prod", passes, twice)}),
		"/far":    with([]string{passes}, []string{imports("/near", "prod", another), imports("/farthest", "dev", twice)}),
		"/circle": with(nil, []string{imports("/circle", "prod", secretOf("CIRCLE", "x", ""))}),

		"dev:/farthest": listOf(twice), "dev:/": listOf(secretOf("OTHER", "x", "")),
	}
	for name, tc := range map[string]struct {
		guarded bool
		lists   int
	}{
		"Guarded": {guarded: true, lists: 6},
		"Open":    {lists: 7},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.folders(lists)
			entry, err := open(t, s, settings{guarded: tc.guarded}).Read(t.Context(), ref(t, "app", "", ""))
			want(t, err, "", "")
			got := map[string]string{}
			for field, info := range entry.Values {
				got[field] = info.From.String()
			}
			wantAll := map[string]string{
				"OWN": "", "LIES": "near", "PASSES": "far", "TWICE": "dev:farthest", "OTHER": "dev:/", "CLOSED": "closed/*", "CIRCLE": "circle/*",
			}
			if diff := cmp.Diff(wantAll, got); diff != "" || s.Count(list) != tc.lists || entry.Tag != "" {
				t.Errorf("want %d lists, as what is not known is looked at again, got %d, and tag %q; where values lie (-want +got):\n%s", tc.lists, s.Count(list), entry.Tag, diff)
			}
			for _, asked := range s.Asked(list)[1:] {
				if !strings.Contains(asked.Query, "viewSecretValue=false") {
					t.Errorf("want no value asked for, got %s", asked.Query)
				}
			}
		})
	}
}

// TestTracesAreBounded: of so many folders it is looked at what they have, and of the others
// it is not known.
func TestTracesAreBounded(t *testing.T) {
	lists, blocks := map[string]string{}, []string{}
	for i := range maxTraced + 1 {
		path, one := fmt.Sprintf("/from-%d", i), secretOf(fmt.Sprintf("K%02d", i), "x", "")
		lists[path] = listOf(one)
		blocks = append(blocks, fmt.Sprintf(`{"secretPath":%q,"secrets":[%s]}`, path, one))
	}
	lists["/app"] = `{"secrets":[],"imports":[` + strings.Join(blocks, ",") + `]}`
	s := newStub()
	s.folders(lists)
	entry, err := open(t, s, settings{}).Read(t.Context(), ref(t, "app", "", ""))
	want(t, err, "", "")
	if s.Count(list) != 1+maxTraced || entry.Values["K00"].From.Beyond || !entry.Values[fmt.Sprintf("K%02d", maxTraced)].From.Beyond {
		t.Errorf("want %d folders looked into, got %d lists", maxTraced, s.Count(list))
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
			if len(s.All()) != 0 {
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
	s.On(list, 200, listOf(elsewhere))
	s.On(list+"/K", 200, `{"secret":`+elsewhere+`}`)
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
			s.On(list, 200, body)
			want(t, readApp(t, open(t, s, settings{})), fault.Unavailable, "UnreadableAnswer")
		})
	}
	s := newStub()
	s.On(list, 200, listOf(secretOf("K", "x", "")), "ETag", `"`+strings.Repeat("x", maxTag)+`"`)
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
		"NoSlug":  {environments: `[{"slug":` + backendtest.Text(backendtest.Marker) + `}]`, class: fault.Unavailable, reason: reasonNotTold},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On("/v1/projects/p1", 200, `{"project":{"id":"p1","environments":`+tc.environments+`}}`)
			b := open(t, s, settings{spec: v1alpha1.InfisicalBackend{}})
			want(t, b.ProveContainer(t.Context(), ref(t, "app", "", "")), tc.class, tc.reason)
			if err := b.Probe(t.Context()); (err == nil) != (tc.class != fault.NotFound) {
				t.Errorf("want the login told good unless the environment is gone, got %v", err)
			}
		})
	}
}
