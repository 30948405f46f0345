// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// root is the repository's top level, seen from this package.
const root = "../.."

// source is one parsed Go file.
type source struct {
	path string // from the repository's top level, with slashes
	fset *token.FileSet
	file *ast.File
}

func parse(name string, code []byte) (*source, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, code, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parsing %s: %w", name, err)
	}
	return &source{path: name, fset: fset, file: file}, nil
}

func (s *source) dir() string       { return path.Dir(s.path) }
func (s *source) isTest() bool      { return strings.HasSuffix(s.path, "_test.go") }
func (s *source) isGenerated() bool { return ast.IsGenerated(s.file) }

// within reports whether the file lies in the folder or below it.
func (s *source) within(dir string) bool { return strings.HasPrefix(s.path, dir+"/") }

// lines counts the lines that n spans, its first and last included.
func (s *source) lines(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// finding words one violation at n's position.
func (s *source) finding(n ast.Node, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", s.path, s.fset.Position(n.Pos()).Line, fmt.Sprintf(format, args...))
}

// funcs returns the declared functions and methods that have a body.
func (s *source) funcs() []*ast.FuncDecl {
	var found []*ast.FuncDecl
	for _, decl := range s.file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
			found = append(found, fn)
		}
	}
	return found
}

// goPackage is the Go files of one folder.
type goPackage struct {
	dir   string
	files []*source
}

// repositoryFiles lists every file that is tracked, or new and not ignored, and still exists.
func repositoryFiles(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "-C", root,
		"ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatalf("listing the repository's files with git: %v", err)
	}
	var files []string
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		if _, err := os.Lstat(filepath.Join(root, name)); err == nil {
			files = append(files, name)
		}
	}
	if len(files) == 0 {
		t.Fatal("git lists no file: a check of nothing proves nothing")
	}
	watchFolders(t, files)
	return files
}

// watchFolders reads each folder, by which a new file in it makes `go test` run again in place
// of showing a cached result: it sees what a test opens, not what git does.
func watchFolders(t *testing.T, files []string) {
	t.Helper()
	folders := repositoryFolders(files)
	folders["."] = true
	for folder := range folders {
		if _, err := os.ReadDir(filepath.Join(root, folder)); err != nil {
			t.Fatalf("reading folder %s: %v", folder, err)
		}
	}
}

// repositoryPackages parses every hand-written Go file of the repository.
func repositoryPackages(t *testing.T) []goPackage {
	t.Helper()
	var packages []goPackage
	index := map[string]int{}
	for _, name := range repositoryFiles(t) {
		if path.Ext(name) != ".go" || strings.Contains(name, "/testdata/") {
			continue
		}
		code, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatalf("reading %s: %v", name, err)
		}
		s, err := parse(name, code)
		if err != nil {
			t.Fatal(err)
		}
		if s.isGenerated() {
			continue
		}
		at, seen := index[s.dir()]
		if !seen {
			at = len(packages)
			index[s.dir()] = at
			packages = append(packages, goPackage{dir: s.dir()})
		}
		packages[at].files = append(packages[at].files, s)
	}
	return packages
}

// repositoryFolders returns every folder that holds a repository file, with its parents. What
// lies inside a testdata folder belongs to that folder.
func repositoryFolders(files []string) map[string]bool {
	folders := map[string]bool{}
	for _, name := range files {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if !strings.Contains(dir, "/testdata/") {
				folders[dir] = true
			}
		}
	}
	return folders
}

// readRepositoryFile returns a file by its path from the top level.
func readRepositoryFile(t *testing.T, name string) string {
	t.Helper()
	content, err := fs.ReadFile(os.DirFS(root), name)
	if err != nil {
		t.Fatalf("reading %s: %v", name, err)
	}
	return string(content)
}
