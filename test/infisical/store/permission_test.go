// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/test/infisical/store"
)

func TestGlob(t *testing.T) {
	cases := map[string]struct {
		pattern, text string
		want          bool
	}{
		"Exact":         {"/api", "/api", true},
		"Other":         {"/api", "/apis", false},
		"Star":          {"/api/*", "/api/db", true},
		"StarOneLevel":  {"/api/*", "/api/db/x", false},
		"StarNotNone":   {"/api/*", "/api", false},
		"Deep":          {"/api/**", "/api/db/x", true},
		"DeepItself":    {"/api/**", "/api", true},
		"DeepNeighbour": {"/api/**", "/apis", false},
		"DeepRoot":      {"/**", "/", true},
		"DeepMiddle":    {"/**/db", "/a/b/db", true},
		"DeepMiddle0":   {"/**/db", "/db", true},
		"All":           {"**", "/a/b", true},
		"Question":      {"/a?", "/ab", true},
		"QuestionSlash": {"/a?b", "/a/b", false},
		"DotIsLiteral":  {"/a.b", "/axb", false},
		"NotASCII":      {"/ä*", "/äb", true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := store.Glob(tc.pattern, tc.text); got != tc.want {
				t.Errorf("Glob(%q, %q) = %v", tc.pattern, tc.text, got)
			}
		})
	}
}

func TestAbility(t *testing.T) {
	object := store.Object{Environment: "dev", Path: "/api", Name: "DB", Tags: []string{"k8s"}}
	cases := map[string]struct {
		reason string
		rules  string
		want   bool
	}{
		"None":           {rules: `[]`},
		"Plain":          {rules: `[{"subject":"secrets","action":"readValue"}]`, want: true},
		"List":           {rules: `[{"subject":"secrets","action":["edit","readValue"]}]`, want: true},
		"OtherAction":    {rules: `[{"subject":"secrets","action":"edit"}]`},
		"OtherSubject":   {rules: `[{"subject":"secret-folders","action":"readValue"}]`},
		"Everything":     {rules: `[{"subject":"*","action":"*"}]`, want: true},
		"Short":          {rules: `[{"subject":"secrets","action":"readValue","conditions":{"environment":"dev"}}]`, want: true},
		"Eq":             {rules: `[{"subject":"secrets","action":"readValue","conditions":{"environment":{"$eq":"prod"}}}]`},
		"Ne":             {rules: `[{"subject":"secrets","action":"readValue","conditions":{"environment":{"$ne":"prod"}}}]`, want: true},
		"In":             {rules: `[{"subject":"secrets","action":"readValue","conditions":{"environment":{"$in":["prod","dev"]}}}]`, want: true},
		"InNot":          {rules: `[{"subject":"secrets","action":"readValue","conditions":{"environment":{"$in":["prod"]}}}]`},
		"Glob":           {rules: `[{"subject":"secrets","action":"readValue","conditions":{"secretPath":{"$glob":"/api/**"}}}]`, want: true},
		"GlobNot":        {rules: `[{"subject":"secrets","action":"readValue","conditions":{"secretPath":{"$glob":"/web/**"}}}]`},
		"AllHold":        {rules: `[{"subject":"secrets","action":"readValue","conditions":{"secretPath":"/api","secretName":{"$glob":"D*"},"secretTags":{"$in":["k8s"]}}}]`, want: true},
		"OneFails":       {rules: `[{"subject":"secrets","action":"readValue","conditions":{"secretPath":"/api","secretName":"X"}}]`},
		"Unknown":        {reason: "an operator nobody knows holds for nothing", rules: `[{"subject":"secrets","action":"readValue","conditions":{"environment":{"$like":"dev"}}}]`},
		"Inverted":       {rules: `[{"subject":"secrets","action":"readValue"},{"subject":"secrets","action":"readValue","inverted":true,"conditions":{"secretPath":"/api"}}]`},
		"InvertedOther":  {rules: `[{"subject":"secrets","action":"readValue"},{"subject":"secrets","action":"readValue","inverted":true,"conditions":{"secretPath":"/web"}}]`, want: true},
		"LaterBeats":     {rules: `[{"subject":"secrets","action":"readValue","inverted":true},{"subject":"secrets","action":"readValue"}]`, want: true},
		"OldActionReads": {reason: "read holds describe and value", rules: `[{"subject":"secrets","action":"read"}]`, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var able store.Ability
			if err := json.Unmarshal([]byte(tc.rules), &able); err != nil {
				t.Fatal(err)
			}
			if got := able.Reads(store.ActionReadValue, object); got != tc.want {
				t.Errorf("%s: %v, want %v", tc.reason, got, tc.want)
			}
		})
	}
}

// TestWhoSeesWhat lists and reads as people of whom each may see another part.
func TestWhoSeesWhat(t *testing.T) {
	describe, value := store.ActionDescribe, store.ActionReadValue
	rule := func(path string, actions ...string) store.Rule {
		return store.Rule{Subject: store.SubjectSecrets, Action: actions, Conditions: map[string]any{"secretPath": map[string]any{"$glob": path}}}
	}
	cases := map[string]struct {
		reason  string
		who     store.Ability
		query   store.Query
		want    map[string]string
		imports map[string]string
		refuse  string // the name of the refusal
	}{
		"Everything": {who: everything(), want: map[string]string{"A": "a", "B": "b"}},
		"Nothing":    {reason: "no permission on any secret", refuse: "PermissionDenied"},
		"Elsewhere":  {reason: "an empty list is what is left", who: store.Ability{rule("/web", describe, value)}, want: map[string]string{}},
		"DescribeOnly": {
			reason: "values were asked for", who: store.Ability{rule("/**", describe)}, refuse: "PermissionDenied",
		},
		"DescribeOnlyHidden": {
			who: store.Ability{rule("/**", describe)}, query: store.Query{ViewValue: false, Recursive: true},
			want: map[string]string{"A": store.HiddenValue, "B": store.HiddenValue, "DEEP": store.HiddenValue},
		},
		"OneByName": {
			reason: "the others are left out in silence",
			who: store.Ability{{
				Subject: store.SubjectSecrets, Action: store.Actions{describe, value}, Conditions: map[string]any{"secretName": "A"},
			}},
			want: map[string]string{"A": "a"},
		},
		"OneValueDenied": {
			reason: "one value in the folder itself that may not be read refuses all",
			who: store.Ability{rule("/**", describe, value), {
				Subject: store.SubjectSecrets, Action: store.Actions{value}, Inverted: true, Conditions: map[string]any{"secretName": "A"},
			}},
			refuse: "PermissionDenied",
		},
		"DeepValueDenied": {
			reason: "further down it is left out",
			who:    store.Ability{rule("/**", describe), rule("/api", value)}, query: store.Query{ViewValue: true, Recursive: true},
			want: map[string]string{"A": "a", "B": "b"},
		},
		"ImportsDenied": {
			who: store.Ability{rule("/api", describe, value)}, query: store.Query{ViewValue: true, Imports: true},
			want: map[string]string{"A": "a", "B": "b"}, imports: map[string]string{},
		},
		"ImportsHidden": {
			who: store.Ability{rule("/**", describe)}, query: store.Query{Imports: true},
			want:    map[string]string{"A": store.HiddenValue, "B": store.HiddenValue},
			imports: map[string]string{"SHARED": store.HiddenValue},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, store.Rules{})
			w.folder(t, "/api", "deep")
			w.folder(t, "/", "shared")
			w.create(t, "/api", "A", "a")
			w.create(t, "/api", "B", "b")
			w.create(t, "/api/deep", "DEEP", "deep")
			w.create(t, "/shared", "SHARED", "shared")
			w.imports(t, "/api", "/shared")
			if cmp.Equal(tc.query, store.Query{}) {
				tc.query.ViewValue = true
			}
			tc.query.Place = w.at("/api")
			listed, blocks, err := w.List(tc.who, tc.query)
			if tc.refuse != "" {
				if status, name := refusal(t, err); status != 403 || name != tc.refuse {
					t.Errorf("%s: %d %s", tc.reason, status, name)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, keysAndValues(listed)); diff != "" {
				t.Errorf("%s: %s", tc.reason, diff)
			}
			if tc.imports != nil {
				if diff := cmp.Diff(tc.imports, keysAndValues(blocks[0].Secrets)); diff != "" {
					t.Errorf("%s: %s", tc.reason, diff)
				}
			}
		})
	}
}

func TestReadingOneWithoutPermission(t *testing.T) {
	w := newWorld(t, store.Rules{})
	w.folder(t, "/", "shared")
	w.create(t, "/", "A", "a")
	w.create(t, "/shared", "S", "s")
	w.imports(t, "/", "/shared")
	describe := store.Ability{{Subject: store.SubjectSecrets, Action: store.Actions{store.ActionDescribe}}}
	cases := map[string]struct {
		who  store.Ability
		read store.Reading
		want string
	}{
		"NotDescribed": {read: store.Reading{Key: "A"}, want: "PermissionDenied"},
		"NoValue":      {who: describe, read: store.Reading{Key: "A", ViewValue: true}, want: "ForbiddenReadSecretError"},
		"NoImported":   {who: describe, read: store.Reading{Key: "S", ViewValue: true, Imports: true}, want: "ForbiddenReadSecretError"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.read.Place = w.at("/")
			_, err := w.Get(tc.who, tc.read)
			if status, name := refusal(t, err); status != 403 || name != tc.want {
				t.Errorf("%d %s", status, name)
			}
		})
	}
	hidden, err := w.Get(describe, store.Reading{Place: w.at("/"), Key: "A"})
	if err != nil || !hidden.Hidden || hidden.Value != store.HiddenValue {
		t.Errorf("%+v, %v", hidden, err)
	}
}

func TestWritingWithoutPermission(t *testing.T) {
	w := newWorld(t, store.Rules{})
	w.create(t, "/", "A", "a")
	viewer, _ := store.BuiltInRole("viewer")
	who := store.Writer{Can: viewer}
	value := "x"
	for action, try := range map[string]func() error{
		"create": func() error {
			_, err := w.Create(who, w.at("/"), store.Write{Key: "B", Value: &value})
			return err
		},
		"edit":   func() error { _, err := w.Update(who, w.at("/"), store.Write{Key: "A", Value: &value}); return err },
		"delete": func() error { _, err := w.Delete(who, w.at("/"), "A"); return err },
	} {
		if status, name := refusal(t, try()); status != 403 || name != "PermissionDenied" {
			t.Errorf("%s: %d %s", action, status, name)
		}
	}
	// Who may write but not read does not see what they wrote.
	writer := store.Writer{Can: store.Ability{{Subject: store.SubjectSecrets, Action: store.Actions{store.ActionCreate}}}}
	made, err := w.Create(writer, w.at("/"), store.Write{Key: "B", Value: &value})
	if err != nil || !made[0].Hidden || made[0].Value != store.HiddenValue {
		t.Errorf("%+v, %v", made, err)
	}
}
