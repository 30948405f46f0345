// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"go/ast"
	"slices"
	"strings"
)

// licenceHeader begins every hand-written Go file.
const licenceHeader = "// Copyright 2026 The SecretSync Authors.\n// SPDX-License-Identifier: Apache-2.0"

func packagesAreDocumented(p goPackage) []string {
	for _, s := range p.files {
		if s.file.Doc != nil && strings.HasPrefix(s.file.Doc.Text(), packageCommentPrefix(s)) {
			return nil
		}
	}
	first := p.files[0]
	return []string{first.finding(first.file, "package %s has no comment that begins %q", p.dir, packageCommentPrefix(first))}
}

func packageCommentPrefix(s *source) string {
	if s.file.Name.Name == "main" {
		return "Command "
	}
	return "Package " + strings.TrimSuffix(s.file.Name.Name, "_test") + " "
}

// packageNamesSaySubject refuses the names that invite everything.
func packageNamesSaySubject(p goPackage) []string {
	grabBags := []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib"}
	first := p.files[0]
	segments := append(strings.Split(p.dir, "/"), first.file.Name.Name)
	for _, name := range segments {
		if slices.Contains(grabBags, name) {
			return []string{first.finding(first.file, "%q says nothing about what package %s owns", name, p.dir)}
		}
	}
	return nil
}

func exportsAreDocumented(s *source) []string {
	if s.isTest() || s.file.Name.Name == "main" {
		return nil
	}
	var found []string
	for _, decl := range s.file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && receiverIsExported(d) {
				found = append(found, s.finding(d, "exported %s has no comment", d.Name.Name))
			}
		case *ast.GenDecl:
			for _, name := range undocumentedNames(d) {
				found = append(found, s.finding(name, "exported %s has no comment", name.Name))
			}
		}
	}
	return found
}

// receiverIsExported reports whether a function is reachable: it has no receiver or an exported one.
func receiverIsExported(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return true
	}
	exported := false
	ast.Inspect(fn.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !exported {
			exported = id.IsExported()
			return false
		}
		return true
	})
	return exported
}

// undocumentedNames returns the exported names that neither their own line, their group nor the
// line itself comments on.
func undocumentedNames(d *ast.GenDecl) []*ast.Ident {
	var found []*ast.Ident
	for _, spec := range d.Specs {
		switch sp := spec.(type) {
		case *ast.TypeSpec:
			if sp.Name.IsExported() && sp.Doc == nil && d.Doc == nil {
				found = append(found, sp.Name)
			}
		case *ast.ValueSpec:
			if sp.Doc != nil || sp.Comment != nil || d.Doc != nil {
				continue
			}
			for _, name := range sp.Names {
				if name.IsExported() {
					found = append(found, name)
				}
			}
		}
	}
	return found
}

func filesAreLicensed(s *source) []string {
	if len(s.file.Comments) > 0 {
		if header := s.file.Comments[0]; s.fset.Position(header.Pos()).Line == 1 {
			var text []string
			for _, line := range header.List {
				text = append(text, line.Text)
			}
			if strings.Join(text, "\n") == licenceHeader {
				return nil
			}
		}
	}
	return []string{s.finding(s.file, "file does not begin with the licence header")}
}

func documentationCases() map[string]ruleCase {
	file := func(code string) map[string]string { return map[string]string{"pkg/a/a.go": code} }
	in := func(name, code string) map[string]string { return map[string]string{name: code} }
	return map[string]ruleCase{
		"Documented":         {rule: "PackagesAreDocumented", files: file("// Package a owns a.\npackage a\n")},
		"DocumentedCommand":  {rule: "PackagesAreDocumented", files: file("// Command a does a.\npackage main\n")},
		"DocumentedOnce":     {rule: "PackagesAreDocumented", files: map[string]string{"pkg/a/a.go": "package a\n", "pkg/a/doc.go": "// Package a owns a.\npackage a\n"}},
		"Undocumented":       {rule: "PackagesAreDocumented", files: file("package a\n"), want: "has no comment"},
		"OtherComment":       {rule: "PackagesAreDocumented", files: file("// A is nice.\npackage a\n"), want: "has no comment"},
		"Subject":            {rule: "PackageNamesSaySubject", files: file("package digest\n")},
		"GrabBag":            {rule: "PackageNamesSaySubject", files: file("package helpers\n"), want: "says nothing"},
		"GrabBagFolder":      {rule: "PackageNamesSaySubject", files: in("pkg/util/digest/a.go", "package digest\n"), want: "says nothing"},
		"CommentedFunc":      {rule: "ExportsAreDocumented", files: file("package a\n\n// F does.\nfunc F() {}\n")},
		"UnexportedReceiver": {rule: "ExportsAreDocumented", files: file("package a\n\nfunc (x *t) String() string { return \"\" }\n")},
		"CommentedGroup":     {rule: "ExportsAreDocumented", files: file("package a\n\n// The sizes.\nconst (\n\tA = 1\n)\n")},
		"BareFunc":           {rule: "ExportsAreDocumented", files: file("package a\n\nfunc F() {}\n"), want: "exported F"},
		"BareMethod":         {rule: "ExportsAreDocumented", files: file("package a\n\nfunc (x *T[K]) M() {}\n"), want: "exported M"},
		"BareType":           {rule: "ExportsAreDocumented", files: file("package a\n\ntype T int\n"), want: "exported T"},
		"BareConst":          {rule: "ExportsAreDocumented", files: file("package a\n\nconst A = 1\n"), want: "exported A"},
		"Licensed":           {rule: "FilesAreLicensed", files: file(licenceHeader + "\n\npackage a\n")},
		"Unlicensed":         {rule: "FilesAreLicensed", files: file("// Package a owns a.\npackage a\n"), want: "licence header"},
		"NoComment":          {rule: "FilesAreLicensed", files: file("package a\n"), want: "licence header"},
	}
}
