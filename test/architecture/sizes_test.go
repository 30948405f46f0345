// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"go/ast"
	"strings"
)

// The budgets. Medians do not tell good code from bad, the largest things do.
const (
	maxFileLines        = 400
	maxFuncLines        = 60
	maxMainLines        = 40
	maxParameters       = 5
	maxInterfaceMethods = 5
)

func filesAreSmall(s *source) []string {
	if lines := s.fset.File(s.file.FileStart).LineCount(); !s.isTest() && lines > maxFileLines {
		return []string{s.finding(s.file, "file has %d lines, at most %d", lines, maxFileLines)}
	}
	return nil
}

func functionsAreSmall(s *source) []string {
	if s.isTest() {
		return nil
	}
	var found []string
	for _, fn := range s.funcs() {
		budget := maxFuncLines
		if fn.Name.Name == "main" && s.within("cmd") {
			budget = maxMainLines
		}
		if lines := s.lines(fn); lines > budget {
			found = append(found, s.finding(fn, "%s has %d lines, at most %d", fn.Name.Name, lines, budget))
		}
	}
	return found
}

// parametersAreFew leaves tests alone, whose stubs take what a foreign interface says.
func parametersAreFew(s *source) []string {
	if s.isTest() {
		return nil
	}
	var found []string
	for _, fn := range s.funcs() {
		if n := fn.Type.Params.NumFields(); n > maxParameters {
			found = append(found, s.finding(fn, "%s takes %d parameters, at most %d", fn.Name.Name, n, maxParameters))
		}
	}
	return found
}

func interfacesAreSmall(s *source) []string {
	var found []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		if typ, ok := n.(*ast.InterfaceType); ok && typ.Methods.NumFields() > maxInterfaceMethods {
			found = append(found, s.finding(typ, "interface has %d methods, at most %d", typ.Methods.NumFields(), maxInterfaceMethods))
		}
		return true
	})
	return found
}

// oneReconcilePerPackage holds one kind per package, so that the path answers what runs when.
func oneReconcilePerPackage(p goPackage) []string {
	var found []string
	seen := false
	for _, s := range p.files {
		for _, fn := range s.funcs() {
			if s.isTest() || fn.Recv == nil || fn.Name.Name != "Reconcile" {
				continue
			}
			if seen {
				found = append(found, s.finding(fn, "a second Reconcile in package %s: one kind per package", p.dir))
			}
			seen = true
		}
	}
	return found
}

func sizeCases() map[string]ruleCase {
	code := func(name, body string) map[string]string {
		return map[string]string{name: "package p\n\n" + body}
	}
	long := func(lines int) string { return strings.Repeat("\n", lines-2) }
	reconcile := "func (*R) Reconcile() { return }\n"
	return map[string]ruleCase{
		"FileAtBudget":   {rule: "FilesAreSmall", files: code("pkg/a/a.go", strings.Repeat("\n", 398))},
		"FileOverBudget": {rule: "FilesAreSmall", files: code("pkg/a/a.go", strings.Repeat("\n", 399)), want: "has 401 lines"},
		"FuncAtBudget":   {rule: "FunctionsAreSmall", files: code("pkg/a/a.go", "func f() {"+long(61)+"}\n")},
		"FuncOverBudget": {rule: "FunctionsAreSmall", files: code("pkg/a/a.go", "func f() {"+long(62)+"}\n"), want: "f has 61 lines"},
		"MainAtBudget":   {rule: "FunctionsAreSmall", files: code("cmd/a/main.go", "func main() {"+long(41)+"}\n")},
		"MainOverBudget": {rule: "FunctionsAreSmall", files: code("cmd/a/main.go", "func main() {"+long(42)+"}\n"), want: "main has 41 lines"},
		"FiveParameters": {rule: "ParametersAreFew", files: code("pkg/a/a.go", "func f(a, b int, c, d, e string) {}\n")},
		"SixParameters":  {rule: "ParametersAreFew", files: code("pkg/a/a.go", "func f(a, b int, c, d, e, f string) {}\n"), want: "takes 6"},
		"FiveMethods":    {rule: "InterfacesAreSmall", files: code("pkg/a/a.go", "type I interface { A(); B(); C(); D(); E() }\n")},
		"SixMethods":     {rule: "InterfacesAreSmall", files: code("pkg/a/a.go", "type I interface { A(); B(); C(); D(); E(); F() }\n"), want: "has 6"},
		"OneReconcile":   {rule: "OneReconcilePerPackage", files: code("pkg/controllers/a/a.go", reconcile)},
		"TwoReconciles": {
			rule: "OneReconcilePerPackage", want: "a second Reconcile",
			files: map[string]string{
				"pkg/controllers/a/a.go": "package p\n\n" + reconcile,
				"pkg/controllers/a/b.go": "package p\n\nfunc (Other) Reconcile() { return }\n",
			},
		},
	}
}
