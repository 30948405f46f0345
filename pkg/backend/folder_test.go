// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestGuardOfFolders(t *testing.T) {
	cases := map[string]struct {
		reason string
		allow  string
		folder string
		flat   bool
		deep   bool
	}{
		"Deep":             {allow: "apps/payments/**", folder: "apps/payments", flat: true, deep: true},
		"FurtherDown":      {allow: "apps/payments/**", folder: "apps/payments/db/main", flat: true, deep: true},
		"Above":            {reason: "the names of others are in it", allow: "apps/payments/**", folder: "apps"},
		"Flat":             {allow: "apps/payments/*", folder: "apps/payments", flat: true},
		"FlatFurtherDown":  {allow: "apps/payments/*", folder: "apps/payments/db"},
		"AnyThenFlat":      {allow: "apps/**/*", folder: "apps/payments", flat: true, deep: true},
		"AnyThenFlatAbove": {allow: "apps/**/*", folder: "other"},
		"OneEntry":         {reason: "an entry is no folder", allow: "apps/payments", folder: "apps/payments"},
		"OneOfMany":        {allow: "apps/payments/db", folder: "apps/payments"},
		"MiddleDeep":       {reason: "what is below a folder need not end so", allow: "apps/**/db", folder: "apps/payments"},
		"Namespace":        {allow: "apps/{namespace}/**", folder: "apps/payments", flat: true, deep: true},
		"OtherNamespace":   {allow: "apps/{namespace}/**", folder: "apps/billing"},
		"LacksTheLabel":    {allow: "apps/{label:team}/**", folder: "apps/payments"},
		"Everything":       {allow: "**", folder: "/", flat: true, deep: true},
		"RootFlat":         {allow: "*", folder: "/", flat: true},
		"RootOfOthers":     {allow: "apps/**", folder: "/"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			guard, err := backend.NewGuard(&v1alpha1.Allow{
				Namespaces: &v1alpha1.NamespaceSelection{}, Paths: []string{tc.allow}, TrustedLabels: []string{"team"},
			}, "payments", nil)
			if err != nil {
				t.Fatal(err)
			}
			folder, err := backend.ParseRef(tc.folder, "")
			if err != nil {
				t.Fatal(err)
			}
			for recursive, want := range map[bool]bool{false: tc.flat, true: tc.deep} {
				err := guard.CheckFolder(folder, recursive)
				if (err == nil) != want {
					t.Errorf("%s: recursive %t: got %v, want allowed %t", tc.reason, recursive, err, want)
				}
				if err != nil && (!fault.Is(err, fault.InvalidSpec) || fault.ReasonOf(err) != backend.ReasonNotAllowed || !strings.Contains(err.Error(), folder.Path())) {
					t.Errorf("want InvalidSpec NotAllowed naming the folder, got %v", err)
				}
			}
		})
	}
	if err := backend.AllowAll().CheckFolder(backend.EntryRef{}, true); err != nil {
		t.Errorf("a guard that guards nothing: %v", err)
	}
	if err := (backend.Guard{}).CheckFolder(backend.EntryRef{}, false); err == nil {
		t.Error("the zero guard allows a folder")
	}
}

// TestAllowedFolderHoldsAllowedEntries: what a folder lets through as a whole, it lets through
// one by one.
func TestAllowedFolderHoldsAllowedEntries(t *testing.T) {
	segment := rapid.SampledFrom([]string{"a", "b", "c"})
	pattern := rapid.SampledFrom([]string{"a", "b", "*", "**"})
	join := func(t *rapid.T, of *rapid.Generator[string], most int, label string) string {
		return strings.Join(rapid.SliceOfN(of, 1, most).Draw(t, label), "/")
	}
	rapid.Check(t, func(rt *rapid.T) {
		guard, err := backend.NewGuard(&v1alpha1.Allow{
			Namespaces: &v1alpha1.NamespaceSelection{}, Paths: []string{join(rt, pattern, 4, "one"), join(rt, pattern, 4, "other")},
		}, "team", nil)
		if err != nil {
			rt.Fatal(err)
		}
		path, recursive := join(rt, segment, 3, "folder"), rapid.Bool().Draw(rt, "recursive")
		folder, err := backend.ParseRef(path, "")
		if err != nil {
			rt.Fatal(err)
		}
		if guard.CheckFolder(folder, recursive) != nil {
			return
		}
		most := 1
		if recursive {
			most = 3
		}
		if entry := backend.Join(path, join(rt, segment, most, "entry")); !guard.Allows(entry) {
			rt.Errorf("folder %q is allowed, recursive %t, and %q in it is not", path, recursive, entry)
		}
	})
}

func TestJoin(t *testing.T) {
	for want, of := range map[string][2]string{"a/b": {"a", "b"}, "b": {"/", "b"}, "a": {"a", ""}, "/": {"/", ""}, "a/b/c": {"a", "b/c"}} {
		if got := backend.Join(of[0], of[1]); got != want {
			t.Errorf("Join(%q, %q) = %q, want %q", of[0], of[1], got, want)
		}
	}
}
