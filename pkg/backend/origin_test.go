// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend_test

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestValueRefs(t *testing.T) {
	whole, err := backend.ParseRef("db", "2")
	if err != nil {
		t.Fatal(err)
	}
	value, err := backend.ParseValueRef("db", "a#b@c", "2")
	if err != nil {
		t.Fatal(err)
	}
	if whole == value || value.Field() != "a#b@c" || value.Version() != "2" || value.String() != "db#a#b@c@2" || whole.Field() != "" {
		t.Errorf("want the value told from the entry, got %v and %v", value, whole)
	}
	if _, err := backend.ParseValueRef("../db", "a", "2"); !fault.Is(err, fault.InvalidSpec) {
		t.Errorf("want the path checked, got %v", err)
	}
}

// TestRootIsNoSegment: only ** and / are patterns of the root.
func TestRootIsNoSegment(t *testing.T) {
	for pattern, allowed := range map[string]bool{"**": true, "/": true, "*": false, "apps/**": false, "{namespace}": false} {
		guard := guardOf(t, pattern)
		if got := guard.Allows(backend.Root); got != allowed {
			t.Errorf("%q: want the root allowed %t, got %t", pattern, allowed, got)
		}
		if pattern == "/" && guard.Allows("app") {
			t.Error("want nothing but the root allowed by /")
		}
	}
}

// TestOrigins: what a value brings from elsewhere is judged like a path.
func TestOrigins(t *testing.T) {
	ref, err := backend.ParseRef("apps/mine", "")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		guard   backend.Guard
		from    backend.Origin
		allowed bool
	}{
		"Own":               {guard: guardOf(t, "apps/**"), allowed: true},
		"Inside":            {guard: guardOf(t, "apps/**"), from: backend.Origin{Path: "apps/shared"}, allowed: true},
		"Outside":           {guard: guardOf(t, "apps/**"), from: backend.Origin{Path: "others"}},
		"Root":              {guard: guardOf(t, "apps/**"), from: backend.Origin{Path: "/"}},
		"RootAllowed":       {guard: guardOf(t, "**"), from: backend.Origin{Path: "/"}, allowed: true},
		"OtherEnvironment":  {guard: guardOf(t, "**"), from: backend.Origin{Container: "prod", Path: "apps/shared"}},
		"NoGuard":           {guard: backend.AllowAll(), from: backend.Origin{Container: "prod", Path: "others"}, allowed: true},
		"NothingAllowedOwn": {guard: backend.Guard{}, allowed: true}, // Its path was judged before.
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := tc.guard.CheckOrigin(ref, "KEY", tc.from)
			if (err == nil) != tc.allowed {
				t.Fatalf("want allowed %t, got %v", tc.allowed, err)
			}
			if err != nil && (fault.ReasonOf(err) != backend.ReasonNotAllowed || !strings.Contains(err.Error(), "KEY")) {
				t.Errorf("want NotAllowed naming the field, got %v", err)
			}
		})
	}
}

func guardOf(t *testing.T, pattern string) backend.Guard {
	t.Helper()
	guard, err := backend.NewGuard(&v1alpha1.Allow{Namespaces: &v1alpha1.NamespaceSelection{}, Paths: []string{pattern}}, "team", nil)
	if err != nil {
		t.Fatal(err)
	}
	return guard
}

// TestOriginsAreWritten: a status tells an origin as a text, from which it is read again.
func TestOriginsAreWritten(t *testing.T) {
	for text, origin := range map[string]backend.Origin{
		"":             {},
		"/":            {Path: "/"},
		"/*":           {Path: "/", Beyond: true},
		"shared/db":    {Path: "shared/db"},
		"shared/*":     {Path: "shared", Beyond: true},
		"dev:/":        {Container: "dev", Path: "/"},
		"dev:shared":   {Container: "dev", Path: "shared"},
		"dev:shared/*": {Container: "dev", Path: "shared", Beyond: true},
		"dev:/*":       {Container: "dev", Path: "/", Beyond: true},
	} {
		if got := origin.String(); got != text {
			t.Errorf("want %+v written %q, got %q", origin, text, got)
		}
		if got := backend.ParseOrigin(text); got != origin {
			t.Errorf("want %q read as %+v, got %+v", text, origin, got)
		}
	}
}
