// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// TestQuery: what servers take for granted differs, so everything is said.
func TestQuery(t *testing.T) {
	all := v1alpha1.InfisicalBackend{
		Recursive: new(true), IncludeImports: new(false), ExpandReferences: new(false), Tags: []string{"b", "a"},
	}
	cases := map[string]struct {
		with settings
		want string
	}{
		"Defaults": {want: "environment=prod&expandSecretReferences=true&includeImports=true&includePersonalOverrides=false&include_imports=true&projectId=p1&recursive=false&secretPath=%2Fapp&viewSecretValue=true&workspaceId=p1"},
		"Guarded":  {with: settings{guarded: true}, want: "environment=prod&expandSecretReferences=false&includeImports=true&includePersonalOverrides=false&include_imports=true&projectId=p1&recursive=false&secretPath=%2Fapp&viewSecretValue=true&workspaceId=p1"},
		"All":      {with: settings{spec: all}, want: "environment=prod&expandSecretReferences=false&includeImports=false&includePersonalOverrides=false&include_imports=false&projectId=p1&recursive=true&secretPath=%2Fapp&tagSlugs=a%2Cb&viewSecretValue=true&workspaceId=p1"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			want(t, readApp(t, open(t, s, tc.with)), "", "")
			if diff := cmp.Diff(tc.want, s.Last(t, list).Query); diff != "" {
				t.Errorf("another query (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOlderServer: the newer API is tried once.
func TestOlderServer(t *testing.T) {
	s := newStub()
	s.Handle(oldList, s.Handler(list))
	s.Handle(list, nil)
	b := open(t, s, settings{})
	for range 3 {
		want(t, readApp(t, b), "", "")
	}
	if newer, older := s.Count(list), s.Count(oldList); newer != 1 || older != 3 {
		t.Errorf("want the newer API tried once and the older read three times, got %d and %d", newer, older)
	}
	s.Handle(list, s.Handler(oldList))
	s.Handle(oldList, nil)
	if err := readApp(t, b); !fault.Is(err, fault.Unavailable) {
		t.Errorf("want the older API missed once after an upgrade, got %v", err)
	}
	want(t, readApp(t, b), "", "")
}

func TestUnchanged(t *testing.T) {
	s := newStub()
	b := open(t, s, settings{})
	entry, err := b.Read(t.Context(), ref(t, "app", "", ""))
	want(t, err, "", "")
	if entry.Tag != `"one"` || s.Last(t, list).Header.Get("If-None-Match") != "" {
		t.Errorf("want the list's ETag, asked for without one, got %q", entry.Tag)
	}
	s.On(list, 304, "", "ETag", `"one"`)
	_, unchanged, err := b.ReadUnless(t.Context(), ref(t, "app", "", ""), entry.Tag)
	want(t, err, "", "")
	if !unchanged || s.Last(t, list).Header.Get("If-None-Match") != `"one"` {
		t.Errorf("want unchanged by the ETag, got %t by %q", unchanged, s.Last(t, list).Header.Get("If-None-Match"))
	}
	want(t, readApp(t, b), fault.Unavailable, remote.ReasonUnreadableAnswer) // Nobody asked whether.
}

// TestPrecedence: the folder's own secrets win, then the last import; of folders below, the
// nearest, whatever order the server lists them in.
func TestPrecedence(t *testing.T) {
	s := newStub()
	s.folders(map[string]string{
		"/one": listOf(secretOf("OWN", "imported", "/one"), secretOf("I", "first", "/one")), "dev:/": listOf(secretOf("I", "last", "/")),
		"/app": `{"secrets":[` + strings.Join([]string{
			secretOf("A", "deep", "/app/z/deeper"), secretOf("A", "nearer-b", "/app/b"), secretOf("A", "nearer-a", "/app/a"),
			secretOf("OWN", "below", "/app/a"), secretOf("OWN", "own", "/app"),
		}, ",") + `],"imports":[
		{"secretPath":"/one","environment":"prod","secrets":[` + secretOf("OWN", "imported", "") + `,` + secretOf("I", "first", "") + `]},
		{"secretPath":"/","environment":"dev","secrets":[` + secretOf("I", "last", "") + `]}]}`,
	})
	entry, err := open(t, s, settings{spec: v1alpha1.InfisicalBackend{Recursive: new(true)}}).Read(t.Context(), ref(t, "app", "", ""))
	want(t, err, "", "")
	got := map[string]string{}
	for field, value := range entry.Fields {
		got[field] = string(value.Reveal()) + " from " + entry.Values[field].From.String()
		for _, other := range entry.Values[field].Hides {
			got[field] += ", not " + other.String()
		}
	}
	wantAll := map[string]string{
		"OWN": `"own" from , not app/a`,
		"A":   `"nearer-a" from app/a, not app/b, not app/z/deeper`,
		"I":   `"last" from dev:/`,
	}
	if diff := cmp.Diff(wantAll, got); diff != "" {
		t.Errorf("another precedence (-want +got):\n%s", diff)
	}
	if at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC); !entry.VersionTime.Equal(at) || entry.Version != "" {
		t.Errorf("want no version and the time of the newest value, got %q of %s", entry.Version, entry.VersionTime)
	}
}

// TestBadLists: what is not as it should be is no entry.
func TestBadLists(t *testing.T) {
	shared := func(fields string) string { return `{"id":"i","version":1,"secretKey":"K",` + fields + `}` }
	cases := map[string]struct {
		status       int
		body         string
		class        fault.Class
		reason       string
		retryAfter   time.Duration
		headerOfWait string
	}{
		"HiddenByFlag":    {status: 200, body: listOf(shared(`"secretValue":"x","secretValueHidden":true`)), class: fault.Denied, reason: ReasonValueHidden},
		"HiddenByText":    {status: 200, body: listOf(shared(`"secretValue":"<hidden-by-infisical>"`)), class: fault.Denied, reason: ReasonValueHidden},
		"NoValue":         {status: 200, body: listOf(shared(`"secretComment":""`)), class: fault.Denied, reason: ReasonValueHidden},
		"NoVersion":       {status: 200, body: listOf(`{"secretKey":"K","secretValue":"x"}`), class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
		"NoName":          {status: 200, body: listOf(`{"version":1,"secretValue":"x"}`), class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
		"OnlyPersonal":    {status: 200, body: listOf(shared(`"secretValue":"x","type":"personal"`)), class: fault.InvalidContent, reason: ReasonNothingShown},
		"Empty":           {status: 200, body: listOf(), class: fault.InvalidContent, reason: ReasonNothingShown},
		"NoList":          {status: 200, body: `{"imports":[]}`, class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
		"ApprovalPending": {status: 200, body: `{"approval":{}}`, class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
		"NoJSON":          {status: 200, body: "<html>" + backendtest.Marker, class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
		"TooLarge":        {status: 200, body: listOf(secretOf("K", strings.Repeat("x", remote.MaxBody), "")), class: fault.InvalidContent, reason: remote.ReasonAnswerTooLarge},
		"FolderMissing":   {status: 404, body: failure(404, errorPathNotFound, "Folder with path"), class: fault.NotFound, reason: backend.ReasonEntryNotFound},
		"OtherMissing":    {status: 404, body: failure(404, "ProjectNotFound", "x"), class: fault.NotFound, reason: backend.ReasonMountNotFound},
		"ProxyMissing":    {status: 404, body: "<html>not found", class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
		"Forbidden":       {status: 403, body: failure(403, "PermissionDenied", "x"), class: fault.Denied, reason: remote.ReasonPermissionDenied},
		"NotValid":        {status: 422, body: `{"error":"ValidationFailure","message":[{"path":["recursive"]}]}`, class: fault.InvalidSpec, reason: remote.ReasonRequestRefused},
		"BadRequest":      {status: 400, body: failure(400, "BadRequest", "x"), class: fault.InvalidSpec, reason: remote.ReasonRequestRefused},
		"Gone":            {status: 410, body: failure(410, "Gone", "x"), class: fault.NotFound, reason: ReasonGone},
		"Redirected":      {status: 302, class: fault.Unavailable, reason: remote.ReasonRedirected},
		"Broken":          {status: 500, body: failure(500, "InternalServerError", "x"), class: fault.Unavailable, reason: remote.ReasonServerError},
		"Throttled":       {status: 429, body: failure(429, "RateLimitExceeded", "x"), class: fault.Throttled, reason: remote.ReasonThrottled, retryAfter: time.Minute},
		"ThrottledByText": {status: 429, body: failure(429, "RateLimitExceeded", "Please try again in 42 seconds "), class: fault.Throttled, reason: remote.ReasonThrottled, retryAfter: 42 * time.Second},
		"ThrottledByHead": {status: 429, body: failure(429, "RateLimitExceeded", "in 42 seconds "), headerOfWait: "7", class: fault.Throttled, reason: remote.ReasonThrottled, retryAfter: 7 * time.Second},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On(list, tc.status, tc.body, "Retry-After", tc.headerOfWait)
			err := readApp(t, open(t, s, settings{}))
			want(t, err, tc.class, tc.reason)
			if got := fault.RetryAfter(err); got != tc.retryAfter {
				t.Errorf("want a wait of %s, got %s", tc.retryAfter, got)
			}
		})
	}
}

// TestReferences: a value that was not looked up is served where that is asked for.
func TestReferences(t *testing.T) {
	for name, tc := range map[string]struct {
		with       settings
		unresolved bool
	}{
		"Guarded":        {with: settings{guarded: true}, unresolved: true},
		"GuardedLiteral": {with: settings{guarded: true, spec: v1alpha1.InfisicalBackend{ExpandReferences: new(false)}}},
		"Expanded":       {},
		"Literal":        {with: settings{spec: v1alpha1.InfisicalBackend{ExpandReferences: new(false)}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On(list, 200, listOf(secretOf("R", "x-${dev.db.PASSWORD}", ""), secretOf("N", "$HOME ${} $(x)", "")))
			entry, err := open(t, s, tc.with).Read(t.Context(), ref(t, "app", "", ""))
			want(t, err, "", "")
			if entry.Values["R"].Unresolved != tc.unresolved || entry.Values["N"].Unresolved {
				t.Errorf("want the reference marked %t and nothing else, got %+v", tc.unresolved, entry.Values)
			}
		})
	}
}

// TestOddKeys: whatever a key holds, the request is of that one.
func TestOddKeys(t *testing.T) {
	for key, escaped := range map[string]string{
		"A?B": "/api/v4/secrets/A%3FB", "A#B": "/api/v4/secrets/A%23B", "%41": "/api/v4/secrets/%2541",
		"../x": "/api/v4/secrets/..%2Fx", "A/B": "/api/v4/secrets/A%2FB", "ü b": "/api/v4/secrets/%C3%BC%20b",
	} {
		s := newStub()
		s.On(list+"/"+key, 200, `{"secret":`+secretOf(key, backendtest.Marker, "/app")+`}`)
		entry, err := open(t, s, settings{}).Read(t.Context(), ref(t, "app", key, "1"))
		want(t, err, "", "")
		if got := s.Last(t, list+"/"+key).Escaped; got != escaped || len(entry.Fields) != 1 {
			t.Errorf("%q: want %q asked for, got %q", key, escaped, got)
		}
	}
	for _, key := range []string{".", ".."} {
		s := newStub()
		_, err := open(t, s, settings{}).Read(t.Context(), ref(t, "app", key, "1"))
		want(t, err, fault.NotFound, backend.ReasonEntryNotFound)
		if len(s.All()) != 0 {
			t.Errorf("%q: want nothing asked", key)
		}
	}
}

// TestPinnedVersions: a version counts only if it is of the secret that has the name now.
func TestPinnedVersions(t *testing.T) {
	at := func(id string, version int) string {
		return fmt.Sprintf(`{"secret":{"id":%q,"version":%d,"secretKey":"K","secretValue":%s}}`, id, version, backendtest.Text(backendtest.Marker))
	}
	cases := map[string]struct {
		live, pinned string
		class        fault.Class
		reason       string
	}{
		"Good":         {live: at("a", 7), pinned: at("a", 3)},
		"OtherID":      {live: at("a", 7), pinned: at("b", 3), class: fault.NotFound, reason: ReasonRecreated},
		"OtherVersion": {live: at("a", 7), pinned: at("a", 7), class: fault.Unavailable, reason: remote.ReasonUnexpectedVersion},
		"OtherKey":     {live: at("a", 7), pinned: strings.ReplaceAll(at("a", 3), `"K"`, `"L"`), class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
		"NoVersion":    {live: at("a", 7), class: fault.NotFound, reason: backend.ReasonVersionNotFound},
		"NoSecret":     {pinned: at("a", 3), class: fault.NotFound, reason: backend.ReasonEntryNotFound},
		"Hidden":       {live: at("a", 7), pinned: strings.ReplaceAll(at("a", 3), backendtest.Text(backendtest.Marker), backendtest.Text(placeholder)), class: fault.Denied, reason: ReasonValueHidden},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.Handle(list+"/K", func(w http.ResponseWriter, r *http.Request) {
				query := r.URL.Query()
				if query.Get("includeImports") != "false" || query.Get("include_imports") != "false" {
					t.Errorf("want imports off, got %s", r.URL.RawQuery)
				}
				body := tc.live
				if query.Get("version") != "" {
					body = tc.pinned
				}
				if body == "" {
					w.WriteHeader(http.StatusNotFound)
					body = failure(404, errorNotFound, "Secret with name 'K' not found")
				}
				_, _ = w.Write([]byte(body))
			})
			entry, err := open(t, s, settings{}).Read(t.Context(), ref(t, "app", "K", "3"))
			want(t, err, tc.class, tc.reason)
			if err == nil && (entry.Version != "3" || entry.Values["K"].ID != "a") {
				t.Errorf("want version 3 of a, got %q of %q", entry.Version, entry.Values["K"].ID)
			}
		})
	}
}

// TestProject: a slug is looked up once, wherever the server tells of it; what is not there
// is told with what is.
func TestProject(t *testing.T) {
	for name, at := range map[string]string{"Newer": "/v1/projects/slug/payments", "Older": "/v2/workspace/payments"} {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On(at, 200, `{"id":"p2","slug":"payments","environments":[{"slug":"prod"}]}`)
			b := open(t, s, settings{spec: v1alpha1.InfisicalBackend{ProjectSlug: "payments"}})
			for range 3 {
				want(t, readApp(t, b), "", "")
			}
			query, err := url.ParseQuery(s.Last(t, list).Query)
			if err != nil || query.Get("projectId") != "p2" || s.Count(at) != 1 {
				t.Errorf("want the ID looked up once, got %q by %d requests", query.Get("projectId"), s.Count(at))
			}
			want(t, b.Probe(t.Context()), "", "")
		})
	}
	cases := map[string]struct {
		status int
		body   string
		class  fault.Class
		reason string
	}{
		"NoEnvironment": {status: 200, body: `{"project":{"id":"p1","environments":[{"slug":"dev"}]}}`, class: fault.NotFound, reason: backend.ReasonMountNotFound},
		"NoProject":     {status: 404, body: failure(404, errorNotFound, "x"), class: fault.NotFound, reason: backend.ReasonMountNotFound},
		"NoMember":      {status: 403, body: failure(403, "ForbiddenError", "x")}, // The login was accepted.
		"NoID":          {status: 200, body: `{"project":{}}`, class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On("/v1/projects/p1", tc.status, tc.body)
			want(t, open(t, s, settings{}).Probe(t.Context()), tc.class, tc.reason)
		})
	}
}
