// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

// covers is the guard's matching in its plainest form.
func covers(pattern, path []string) bool {
	if len(pattern) == 0 {
		return len(path) == 0
	}
	if pattern[0] == "**" {
		return covers(pattern[1:], path) || len(path) > 0 && covers(pattern, path[1:])
	}
	return len(path) > 0 && (pattern[0] == "*" || pattern[0] == path[0]) && covers(pattern[1:], path[1:])
}

func TestGuardAgreesWithPlainMatching(t *testing.T) {
	literals := []string{"a", "b", "ns", "red"}
	replace := strings.NewReplacer("{namespace}", "ns", "{label:team}", "red")
	rapid.Check(t, func(t *rapid.T) {
		parts := slices.Concat(literals, []string{"*", "**", "**", "{namespace}", "{label:team}"})
		patterns := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 6), 1, 3).Draw(t, "patterns")
		path := rapid.SliceOfN(rapid.SampledFrom(literals), 1, 8).Draw(t, "path")

		allow := &v1alpha1.Allow{Namespaces: everywhere(), TrustedLabels: []string{"team"}}
		want := false
		for _, pattern := range patterns {
			text := strings.Join(pattern, "/")
			allow.Paths = append(allow.Paths, text)
			want = want || covers(strings.Split(replace.Replace(text), "/"), path)
		}
		guard, err := backend.NewGuard(allow, "ns", map[string]string{"team": "red"})
		if err != nil {
			t.Fatalf("NewGuard(%q): %v", allow.Paths, err)
		}
		if got := guard.Allows(strings.Join(path, "/")); got != want {
			t.Errorf("%q: Allows(%q) = %v, want %v", allow.Paths, path, got, want)
		}
	})
}

func TestGuardNeedsNoExponentialTime(t *testing.T) {
	pattern := strings.Repeat("**/a/", 200) + "b"
	guard, err := backend.NewGuard(&v1alpha1.Allow{Namespaces: everywhere(), Paths: []string{pattern}}, "ns", nil)
	if err != nil {
		t.Fatalf("NewGuard: %v", err)
	}
	if guard.Allows(strings.Repeat("a/", 500) + "c") {
		t.Error("a path without the last segment is allowed")
	}
}

// FuzzGuard holds for any label value what keeps tenants apart: under {label:team} a
// namespace reads below its own label's value and nowhere else.
func FuzzGuard(f *testing.F) {
	f.Add("apps/{namespace}/**", "red", "apps/ns/db")
	f.Add("*", "**", "apps/red/db")
	f.Add("{label:a/b}/{", "../blue", "apps/blue/db")
	f.Fuzz(func(t *testing.T, pattern, team, path string) {
		labels := map[string]string{"team": team}
		allow := &v1alpha1.Allow{Namespaces: everywhere(), Paths: []string{pattern}, TrustedLabels: []string{"team", "a/b"}}
		if guard, err := backend.NewGuard(allow, "ns", labels); err == nil {
			guard.Allows(path) // must not panic
		}
		ref, err := backend.ParseRef(path, "")
		if err != nil {
			return
		}
		allow.Paths = []string{"apps/{label:team}/**"}
		guard, err := backend.NewGuard(allow, "ns", labels)
		if err != nil {
			t.Fatalf("NewGuard: %v", err)
		}
		parts := strings.Split(path, "/")
		own := len(parts) >= 2 && parts[0] == "apps" && parts[1] == team
		if allowed := guard.Check(ref) == nil; allowed != own {
			t.Errorf("label %q: path %q is allowed: %v, want %v", team, path, allowed, own)
		}
	})
}
