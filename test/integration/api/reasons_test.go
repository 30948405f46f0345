// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestEveryReasonIsExplained: the tables of docs/reference/reasons.md say what each reason in
// the code means and what helps, and no other.
func TestEveryReasonIsExplained(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(docsFolder, "reference", "reasons.md"))
	if err != nil {
		t.Fatal(err)
	}
	explained := explanations(t, string(page))
	found := reasons{named: map[string]string{}, literals: map[string]bool{}}
	err = filepath.WalkDir("../../../pkg", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "fake" || entry.Name() == "backendtest"):
			return filepath.SkipDir
		case entry.IsDir() && entry.Name() == "bootstrap": // it ends with its message, and writes no condition
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			return found.collect(path)
		default:
			return nil
		}
	})
	if err != nil || len(found.named) == 0 {
		t.Fatalf("found %d reasons, error %v", len(found.named), err)
	}
	for reason, path := range found.named {
		if !explained[reason] {
			t.Errorf("%s: reason %s is not in a table of docs/reference/reasons.md", path, reason)
		}
	}
	for reason := range explained {
		if !found.literals[reason] {
			t.Errorf("docs/reference/reasons.md explains %s, which nothing in pkg says", reason)
		}
	}
}

// codeWord is a reason as the page writes it.
var codeWord = regexp.MustCompile("`([A-Za-z0-9]+)`")

// explanations returns the reasons that stand in the page's tables. One without a meaning, or
// without what helps, fails the test, as does one that stands in two rows.
func explanations(t *testing.T, page string) map[string]bool {
	t.Helper()
	explained := map[string]bool{}
	for line := range strings.Lines(page) {
		row, table := strings.CutPrefix(strings.TrimSpace(line), "| `")
		if !table {
			continue
		}
		cells := strings.Split(strings.Trim("`"+row, "|"), "|")
		if len(cells) != 3 || strings.TrimSpace(cells[1]) == "" || strings.TrimSpace(cells[2]) == "" {
			t.Errorf("not what it means and what helps: %s", line)
		}
		for _, match := range codeWord.FindAllStringSubmatch(cells[0], -1) {
			if explained[match[1]] {
				t.Errorf("%s is explained twice", match[1])
			}
			explained[match[1]] = true
		}
	}
	return explained
}

// reasons are what the code says.
type reasons struct {
	// named are the texts that are reasons for sure, with the file that says them.
	named map[string]string
	// literals are all texts that could be one.
	literals map[string]bool
}

// collect adds what a file says: the constants named Reason..., the literal reasons of
// fault.New, and the answers of the API server that are published as they are.
func (r reasons) collect(path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.BasicLit:
			r.literals[text(n)] = true
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if strings.HasPrefix(strings.ToLower(name.Name), "reason") && i < len(n.Values) {
					r.add(text(n.Values[i]), path)
				}
			}
		case *ast.CallExpr:
			if called, ok := n.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "New" && len(n.Args) > 2 {
				r.add(text(n.Args[1]), path)
			}
		case *ast.SelectorExpr:
			if reason, ok := strings.CutPrefix(n.Sel.Name, "StatusReason"); ok && reason != "" {
				r.add(reason, path)
			}
		}
		return true
	})
	return nil
}

func (r reasons) add(reason, path string) {
	if reason != "" {
		r.named[reason] = path
		r.literals[reason] = true
	}
}

// text returns the text of a literal; empty if it is none.
func text(value ast.Expr) string {
	literal, ok := value.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	unquoted, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return unquoted
}
