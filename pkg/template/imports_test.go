// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestTemplatesAskNothing: nothing that a template can call asks the environment, the network, the
// clock or chance: the package itself cannot. That libraries do not is what the golden files tell.
func TestTemplatesAskNothing(t *testing.T) {
	forbidden := []string{"os", "os/exec", "os/user", "syscall", "net", "net/http", "crypto/rand", "math/rand", "math/rand/v2", "runtime"}
	clock := []string{"Now", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker", "Sleep", "AfterFunc"}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		read++
		for _, spec := range tree.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err != nil || slices.Contains(forbidden, path) {
				t.Errorf("%s imports %s", file, spec.Path.Value)
			}
		}
		ast.Inspect(tree, func(node ast.Node) bool {
			if call, ok := node.(*ast.SelectorExpr); ok {
				if of, ok := call.X.(*ast.Ident); ok && of.Name == "time" && slices.Contains(clock, call.Sel.Name) {
					t.Errorf("%s uses time.%s", file, call.Sel.Name)
				}
			}
			return true
		})
	}
	if read < 10 {
		t.Errorf("want the files of the package, got %d", read)
	}
}
