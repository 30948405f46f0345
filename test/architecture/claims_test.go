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

const (
	// threatModel is the page whose promises are held by tests.
	threatModel = "docs/design/threat-model.md"
	// promisesHeader is the head of its tables of promises.
	promisesHeader = "| promise | proven by |"
)

// proofLink is a link to a test: its name, and the file that holds it.
var proofLink = regexp.MustCompile(`\[((?:Test|Fuzz)\w+)\]\(([^)#]+_test\.go)\)`)

// unproven returns the promises of a page that name no test, or one that its file does not hold.
// read returns the text of a file, empty if there is none.
func unproven(page, text string, read func(string) string) []string {
	var found []string
	inPromises, rows := false, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == promisesHeader:
			inPromises = true
			continue
		case !strings.HasPrefix(line, "|"):
			inPromises = false
		}
		proofs := proofLink.FindAllStringSubmatch(line, -1)
		for _, proof := range proofs {
			if !strings.Contains(read(path.Join(path.Dir(page), proof[2])), "\nfunc "+proof[1]+"(") {
				found = append(found, fmt.Sprintf("%s: there is no %s in %s", page, proof[1], proof[2]))
			}
		}
		if !inPromises || strings.HasPrefix(line, "|--") {
			continue
		}
		if rows++; len(proofs) == 0 {
			found = append(found, fmt.Sprintf("%s: no test proves: %s", page, line))
		}
	}
	if rows == 0 {
		found = append(found, page+": no promise is left")
	}
	return found
}

func TestEveryPromiseIsProven(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return ""
		}
		return string(text)
	}
	for _, problem := range unproven(threatModel, readRepositoryFile(t, threatModel), read) {
		t.Error(problem)
	}
}

func TestUnprovenFires(t *testing.T) {
	files := map[string]string{"test/a_test.go": "package a\n\nfunc TestHere(t *testing.T) {}\n"}
	read := func(name string) string { return files[name] }
	const head = promisesHeader + "\n|---|---|\n"
	cases := map[string]struct{ text, want string }{
		"Proven":      {text: head + "| a | [TestHere](../test/a_test.go) |\n"},
		"NoTest":      {text: head + "| a | believe me |\n", want: "no test proves"},
		"WrongName":   {text: head + "| a | [TestHer](../test/a_test.go) |\n", want: "there is no TestHer"},
		"WrongFile":   {text: head + "| a | [TestHere](../test/b_test.go) |\n", want: "there is no TestHere"},
		"ElseWhere":   {text: head + "| a | [TestHere](../test/a_test.go) |\n\nSee [TestGone](../test/a_test.go).\n", want: "TestGone"},
		"OtherTables": {text: head + "| a | [TestHere](../test/a_test.go) |\n\n| x | y |\n|---|---|\n| b | c |\n"},
		"NoPromises":  {text: "Trust us.\n", want: "no promise is left"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(unproven("docs/a.md", tc.text, read), "\n")
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("want %q, got %q", tc.want, got)
			}
		})
	}
}
