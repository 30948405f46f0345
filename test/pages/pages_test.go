// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// root is the repository's top level, seen from this package.
const root = "../.."

func all(t *testing.T) []Page {
	t.Helper()
	pages, err := All(root)
	if err != nil || len(pages) < 10 {
		t.Fatalf("found %d pages, error %v", len(pages), err)
	}
	return pages
}

func TestWords(t *testing.T) {
	cases := map[string]struct {
		line string
		want []string
	}{
		"None":       {line: "  "},
		"Plain":      {line: "a  -b\tc\n", want: []string{"a", "-b", "c"}},
		"Quoted":     {line: `--at "2026-11-12 14:00" 'x y'z ""`, want: []string{"--at", "2026-11-12 14:00", "x yz", ""}},
		"OtherQuote": {line: `"it's"`, want: []string{"it's"}},
		"Comment":    {line: "a#b # and so on", want: []string{"a#b"}},
		"Redirected": {line: "a=<b> > file", want: []string{"a=<b>"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Words(tc.line)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	page := Page{Name: "a.md", Text: strings.ReplaceAll(strings.Join([]string{
		"Say 'kubectl x b', 'kubectl y', or 'kubectl x", "c'.", "", "'''console", "$ kubectl x d \\", "    e  # f", "kubectl x output", "'''",
		"", "'''go", "$ kubectl x g", "'''", "",
	}, "\n"), "'", "`")}
	want := [][]string{{"d", "e"}, {"b"}, {"c"}}
	if diff := cmp.Diff(want, page.Commands("kubectl x")); diff != "" {
		t.Error(diff)
	}
	blocks := page.Blocks()
	if len(blocks) != 2 || blocks[0].Language != "console" || blocks[1].Where() != "a.md:11" || blocks[1].Text != "$ kubectl x g\n" {
		t.Errorf("blocks = %+v", blocks)
	}
}

// TestBlocksOfYAMLAreObjects: people copy them, so each is whole, and each is tried on a real
// API server.
func TestBlocksOfYAMLAreObjects(t *testing.T) {
	count := 0
	for _, page := range all(t) {
		for _, block := range page.Blocks() {
			language := strings.ToLower(block.Language)
			if !strings.HasPrefix(language, "yaml") && !strings.HasPrefix(language, "yml") {
				continue
			}
			count++
			if block.Language != "yaml" || !strings.HasPrefix(block.Text, "apiVersion: ") {
				t.Errorf("%s: a block of %q begins with %.20q; show a whole object, from apiVersion on, in a block of yaml", block.Where(), block.Language, block.Text)
			}
		}
	}
	if count == 0 {
		t.Error("no page shows an object")
	}
}
