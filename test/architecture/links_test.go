// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	markdownLink     = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)`)
	codeSpan         = regexp.MustCompile("`[^`]*`")
	anchorDefinition = regexp.MustCompile(`(?:id|name)="([^"]+)"`)
	yamlBlock        = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	notInAnchor      = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// prose returns a page's lines without fenced code, whose brackets are no links.
func prose(page string) []string {
	var lines []string
	fenced := false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if !fenced {
			lines = append(lines, line)
		}
	}
	return lines
}

// anchors returns the places of a page that a link can point to, named as GitHub names them.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	count := map[string]int{}
	for _, line := range prose(page) {
		for _, match := range anchorDefinition.FindAllStringSubmatch(line, -1) {
			found[match[1]] = true
		}
		text, heading := strings.CutPrefix(line, "#")
		if !heading {
			continue
		}
		text = strings.ToLower(strings.TrimSpace(strings.TrimLeft(text, "#")))
		name := strings.ReplaceAll(notInAnchor.ReplaceAllString(text, ""), " ", "-")
		count[name]++
		if n := count[name]; n > 1 {
			name = fmt.Sprintf("%s-%d", name, n-1)
		}
		found[name] = true
	}
	return found
}

// brokenLinks returns the links of a page that lead nowhere inside the repository. read returns
// a page's text; exists tells files and folders.
func brokenLinks(page, text string, exists func(string) bool, read func(string) string) []string {
	var found []string
	for _, line := range prose(text) {
		for _, match := range markdownLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, ""), -1) {
			link := match[1]
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			file, anchor, hasAnchor := strings.Cut(link, "#")
			target := page
			if file != "" {
				target = path.Join(path.Dir(page), file)
			}
			switch {
			case !exists(target):
				found = append(found, fmt.Sprintf("%s: link to %s, which does not exist", page, link))
			case hasAnchor && path.Ext(target) == ".md" && !anchors(read(target))[anchor]:
				found = append(found, fmt.Sprintf("%s: link to %s, which has no such heading", page, link))
			}
		}
	}
	return found
}

func TestLinksResolve(t *testing.T) {
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(root, name))
		return err == nil
	}
	read := func(name string) string { return readRepositoryFile(t, name) }
	for _, page := range repositoryFiles(t) {
		if path.Ext(page) != ".md" || strings.Contains(page, "/testdata/") {
			continue
		}
		for _, broken := range brokenLinks(page, read(page), exists, read) {
			t.Error(broken)
		}
	}
}

// TestPagesShowTheirExamples keeps what people copy from a page equal to files that are tried on
// a real API server, or played end to end.
func TestPagesShowTheirExamples(t *testing.T) {
	for page, folder := range map[string]string{
		"README.md":                   "docs/examples/quickstart.yaml",
		"docs/guides/environments.md": "docs/examples/environments/",
	} {
		examples := ""
		for _, file := range repositoryFiles(t) {
			if strings.HasPrefix(file, folder) {
				examples += readRepositoryFile(t, file)
			}
		}
		blocks := yamlBlock.FindAllStringSubmatch(readRepositoryFile(t, page), -1)
		if len(blocks) == 0 {
			t.Errorf("%s shows no object", page)
		}
		for _, block := range blocks {
			if !strings.Contains(examples, block[1]) {
				t.Errorf("%s shows what %s does not contain:\n%s", page, folder, block[1])
			}
		}
	}
}

func TestBrokenLinksFires(t *testing.T) {
	pages := map[string]string{
		"docs/a.md": "# First page\n\n## Two `words`, here\n\n## Again\n\n## Again\n\n<a id=\"own\"></a>\n",
		"README.md": "# Read me\n",
	}
	exists := func(name string) bool { return pages[name] != "" || name == "docs" }
	read := func(name string) string { return pages[name] }
	cases := map[string]struct {
		text string
		want string
	}{
		"File":            {text: "[a](docs/a.md)"},
		"Folder":          {text: "[a](docs/)"},
		"Elsewhere":       {text: "[a](https://example.com/x)"},
		"Heading":         {text: "[a](docs/a.md#first-page)"},
		"HeadingWithCode": {text: "[a](docs/a.md#two-words-here)"},
		"HeadingTwice":    {text: "[a](docs/a.md#again-1)"},
		"OwnAnchor":       {text: "[a](docs/a.md#own)"},
		"OwnHeading":      {text: "# Here\n[a](#here)"},
		"InFence":         {text: "```\n[a](nowhere.md)\n```\n"},
		"InCode":          {text: "`[a](nowhere.md)`"},
		"NoFile":          {text: "[a](nowhere.md)", want: "does not exist"},
		"NoFileTitled":    {text: "[a](nowhere.md \"title\")", want: "does not exist"},
		"NoHeading":       {text: "[a](docs/a.md#third)", want: "no such heading"},
		"AfterFence":      {text: "```\nx\n```\n[a](nowhere.md)", want: "does not exist"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			pages["README.md"] = tc.text
			got := strings.Join(brokenLinks("README.md", tc.text, exists, read), "\n")
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("want %q, got %q", tc.want, got)
			}
		})
	}
}
