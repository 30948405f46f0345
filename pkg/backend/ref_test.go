// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend_test

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestParseRef(t *testing.T) {
	cases := map[string]struct {
		path  string
		valid bool
	}{
		"OneSegment":    {path: "db", valid: true},
		"AllCharacters": {path: "A-z_0.9@x y/...", valid: true},
		"Root":          {path: "/", valid: true},
		"DoubleRoot":    {path: "//"},
		"Empty":         {path: ""},
		"LeadingSlash":  {path: "/db"},
		"TrailingSlash": {path: "db/"},
		"DoubleSlash":   {path: "a//b"},
		"Dot":           {path: "a/./b"},
		"Parent":        {path: "../a"},
		"Percent":       {path: "a%2f..%2fb"},
		"Question":      {path: "a?version=1"},
		"Newline":       {path: "a\n"},
		"NoASCII":       {path: "ä"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			ref, err := backend.ParseRef(tc.path, "2")
			if !tc.valid {
				if !fault.Is(err, fault.InvalidSpec) {
					t.Fatalf("ParseRef = %v, want InvalidSpec", err)
				}
				return
			}
			if err != nil {
				t.Fatalf("ParseRef: %v", err)
			}
			if ref.Path() != tc.path || ref.Version() != "2" || !strings.HasSuffix(ref.String(), "@2") {
				t.Errorf("ParseRef = %v, want path %q at version 2", ref, tc.path)
			}
		})
	}
}
