// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend_test

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestPlaceholdersInPaths(t *testing.T) {
	known := backend.Placeholders{Namespace: "payments", Labels: map[string]string{"team": "blue", "corp.example/tier": "a.b", "empty": ""}}
	cases := map[string]struct {
		reason string
		of     backend.Placeholders
		path   string
		want   string // a path, or the reason of the error
	}{
		"None":            {of: known, path: "apps/db", want: "apps/db"},
		"Root":            {of: known, path: "/", want: "/"},
		"Namespace":       {of: known, path: "apps/{namespace}/db", want: "apps/payments/db"},
		"InSegment":       {of: known, path: "apps/x-{namespace}.{label:team}/db", want: "apps/x-payments.blue/db"},
		"LabelWithPrefix": {of: known, path: "{label:corp.example/tier}/db", want: "a.b/db"},
		"Twice":           {of: known, path: "{namespace}/{namespace}", want: "payments/payments"},
		"MissingLabel":    {of: known, path: "a/{label:other}", want: backend.ReasonLabelMissing},
		"EmptyLabel":      {reason: "as in allow.paths", of: known, path: "a/x{label:empty}", want: backend.ReasonLabelMissing},
		"NoLabels":        {of: backend.Placeholders{Namespace: "a", NoLabels: true}, path: "x/{label:team}", want: backend.ReasonLabelsUnreadable},
		"NoLabelsNeeded":  {of: backend.Placeholders{Namespace: "a", NoLabels: true}, path: "x/{namespace}", want: "x/a"},
		"Unknown":         {of: known, path: "{name}", want: backend.ReasonInvalidPlaceholder},
		"Unclosed":        {of: known, path: "a/{namespace", want: backend.ReasonInvalidPlaceholder},
		"Unopened":        {reason: "no placeholder", of: known, path: "{namespace}/a}", want: backend.ReasonInvalidPlaceholder},
		"NotCleaned":      {of: known, path: "{namespace}//a", want: backend.ReasonInvalidPlaceholder},
		"Parent":          {of: known, path: "{namespace}/..", want: backend.ReasonInvalidPlaceholder},
		"BecomesParent": {
			reason: "no label is, but that is for others to know",
			of:     backend.Placeholders{Labels: map[string]string{"a": ".."}}, path: "x/{label:a}", want: backend.ReasonInvalidPlaceholder,
		},
		"BringsASlash": {of: backend.Placeholders{Labels: map[string]string{"a": "b/c"}}, path: "x/{label:a}", want: backend.ReasonInvalidPlaceholder},
		"BringsAPlaceholder": {
			reason: "what replaces one is not looked at again",
			of:     backend.Placeholders{Namespace: "n", Labels: map[string]string{"a": "{namespace}"}}, path: "{label:a}", want: backend.ReasonInvalidPlaceholder,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := tc.of.Path(tc.path)
			if err != nil {
				got = fault.ReasonOf(err)
				if !fault.Is(err, fault.InvalidSpec) {
					t.Errorf("the error is of class %s", fault.ClassOf(err))
				}
			}
			if got != tc.want {
				t.Errorf("%s: got %q, want %q (%v)", tc.reason, got, tc.want, err)
			}
		})
	}
}

func TestPlaceholdersInNames(t *testing.T) {
	known := backend.Placeholders{Namespace: "payments", Labels: map[string]string{"team": "blue"}}
	if got, err := known.Text("cert-{namespace}.{label:team}"); err != nil || got != "cert-payments.blue" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := known.Text("{label:other}"); fault.ReasonOf(err) != backend.ReasonLabelMissing {
		t.Errorf("got %v", err)
	}
}

// FuzzPlaceholders: what comes out of a path is a path, with as many segments as went in, each
// as it was but for its placeholders.
func FuzzPlaceholders(f *testing.F) {
	for _, path := range []string{"apps/{namespace}/db", "{label:team}", "{label:a/b}/x", "a/{", "}{", "/", "", "{namespace}/../x", "{label:}"} {
		f.Add(path, "payments", "blue")
	}
	f.Fuzz(func(t *testing.T, path, namespace, label string) {
		known := backend.Placeholders{Namespace: namespace, Labels: map[string]string{"team": label, "a/b": label}}
		got, err := known.Path(path)
		if err != nil {
			if !fault.Is(err, fault.InvalidSpec) {
				t.Fatalf("%q: %v", path, err)
			}
			return
		}
		if !backend.HasPlaceholder(path) {
			if got != path {
				t.Fatalf("%q became %q", path, got)
			}
			return
		}
		if _, err := backend.ParseRef(got, ""); err != nil {
			t.Fatalf("%q became %q, which is no path: %v", path, got, err)
		}
		plain := strings.ReplaceAll(path, "{label:a/b}", "{label:team}")
		if strings.Count(plain, "/") != strings.Count(got, "/") {
			t.Fatalf("%q became %q, with other segments", path, got)
		}
	})
}
