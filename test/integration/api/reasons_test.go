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
	"strconv"
	"strings"
	"testing"
)

// TestEveryReasonIsExplained fails for a reason in the code that docs/reference/reasons.md
// does not have.
func TestEveryReasonIsExplained(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(docsFolder, "reference", "reasons.md"))
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	err = filepath.WalkDir("../../../pkg", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "fake" || entry.Name() == "backendtest"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			return collectReasons(path, reasons)
		default:
			return nil
		}
	})
	if err != nil || len(reasons) == 0 {
		t.Fatalf("found %d reasons, error %v", len(reasons), err)
	}
	for reason, path := range reasons {
		if !strings.Contains(string(page), "`"+reason+"`") {
			t.Errorf("%s: reason %s is not in docs/reference/reasons.md", path, reason)
		}
	}
}

// collectReasons adds the constants named Reason... and the literal reasons of fault.New.
func collectReasons(path string, reasons map[string]string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if strings.HasPrefix(name.Name, "Reason") && i < len(n.Values) {
					addLiteral(n.Values[i], path, reasons)
				}
			}
		case *ast.CallExpr:
			if called, ok := n.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "New" && len(n.Args) > 2 {
				addLiteral(n.Args[1], path, reasons)
			}
		}
		return true
	})
	return nil
}

func addLiteral(value ast.Expr, path string, reasons map[string]string) {
	literal, ok := value.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return
	}
	if reason, err := strconv.Unquote(literal.Value); err == nil {
		reasons[reason] = path
	}
}
