// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// readsTheClock is every file of pkg that may, with the reason.
func readsTheClock() map[string]string {
	return map[string]string{}
}

func nothingInits(s *source) []string {
	var found []string
	for _, fn := range s.funcs() {
		if fn.Recv == nil && fn.Name.Name == "init" {
			found = append(found, s.finding(fn, "init runs behind the reader's back: wire it in the composition root"))
		}
	}
	return found
}

// noMutableGlobals lets a variable through whose own line says why it may stay, as in
// "//nolint:gochecknoglobals // a constant table, which Go cannot declare".
func noMutableGlobals(s *source) []string {
	var found []string
	for _, decl := range s.file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR || isEmbedded(d) {
			continue
		}
		for _, spec := range d.Specs {
			for _, name := range mutableNames(spec.(*ast.ValueSpec), s.isTest()) {
				if !s.explains(name, "gochecknoglobals") {
					found = append(found, s.finding(name, "package-level variable %s: pass it, or make it a function or a constant", name.Name))
				}
			}
		}
	}
	return found
}

// isEmbedded reports whether the variable is filled by the compiler from a file.
func isEmbedded(d *ast.GenDecl) bool {
	return d.Doc != nil && slices.ContainsFunc(d.Doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, "//go:embed ")
	})
}

func mutableNames(spec *ast.ValueSpec, test bool) []*ast.Ident {
	var found []*ast.Ident
	for i, name := range spec.Names {
		if name.Name != "_" && (len(spec.Values) <= i || !isImmutable(spec.Values[i], test)) {
			found = append(found, name)
		}
	}
	return found
}

// isImmutable reports whether a value is made in a way whose result nobody changes: a sentinel
// error, a pattern, a replacer, the name of an API. Test flags count in tests, where the testing
// package leaves no other place for them.
func isImmutable(value ast.Expr, test bool) bool {
	switch v := value.(type) {
	case *ast.CompositeLit:
		pkg, _ := selector(v.Type)
		return pkg == "schema"
	case *ast.CallExpr:
		pkg, fn := selector(v.Fun)
		switch pkg + "." + fn {
		case "errors.New", "fault.New", "regexp.MustCompile", "strings.NewReplacer":
			return true
		}
		sel, ok := v.Fun.(*ast.SelectorExpr)
		return ok && (sel.Sel.Name == "WithResource" || sel.Sel.Name == "WithKind") || test && pkg == "flag"
	default:
		return false
	}
}

// selector splits pkg.Name; both are empty for any other expression.
func selector(e ast.Expr) (pkg, name string) {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return id.Name, sel.Sel.Name
}

// timeIsInjected keeps the wall clock out of pkg, so that every decision can be tested at any time.
func timeIsInjected(s *source) []string {
	if _, allowed := readsTheClock()[s.path]; allowed || !s.within("pkg") || s.isTest() {
		return nil
	}
	return uses(s, "time", "Now", "Since", "Until")
}

func nothingSleeps(s *source) []string { return uses(s, "time", "Sleep") }

// uses finds each mention of a name of a package, called or passed on.
func uses(s *source, pkg string, names ...string) []string {
	var found []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if p, name := selector(e); p == pkg && slices.Contains(names, name) {
				found = append(found, s.finding(e, "uses %s.%s", p, name))
			}
		}
		return true
	})
	return found
}

// statusIsWrittenOnce keeps conditions and status writes in the one package that decides them.
func statusIsWrittenOnce(s *source) []string {
	if s.isTest() || !s.within("pkg") || s.within("pkg/status") {
		return nil
	}
	found := uses(s, "meta", "SetStatusCondition")
	ast.Inspect(s.file, func(n ast.Node) bool {
		write, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Patch", "Update", "Apply"}, write.Sel.Name) {
			return true
		}
		call, ok := write.X.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Status" {
			found = append(found, s.finding(write, "writes status: only pkg/status may"))
		}
		return true
	})
	return found
}

func stateCases() map[string]ruleCase {
	file := func(body string) map[string]string {
		return map[string]string{"pkg/a/a.go": "package a\n\n" + body + "\n"}
	}
	test := func(body string) map[string]string {
		return map[string]string{"pkg/a/a_test.go": "package a\n\n" + body + "\n"}
	}
	return map[string]ruleCase{
		"Method":           {rule: "NothingInits", files: file("func (t *T) init() {}")},
		"Init":             {rule: "NothingInits", files: file("func init() {}"), want: "init runs"},
		"Sentinel":         {rule: "NoMutableGlobals", files: file("var ErrGone = errors.New(\"gone\")")},
		"Assertion":        {rule: "NoMutableGlobals", files: file("var _ I = (*T)(nil)")},
		"Pattern":          {rule: "NoMutableGlobals", files: file("var name = regexp.MustCompile(`a`)")},
		"APIName":          {rule: "NoMutableGlobals", files: file("var gvr = schema.GroupVersionResource{Version: \"v1\"}")},
		"Embedded":         {rule: "NoMutableGlobals", files: file("//go:embed a.txt\nvar text string")},
		"TestFlag":         {rule: "NoMutableGlobals", files: test("var update = flag.Bool(\"update\", false, \"\")")},
		"NamedResource":    {rule: "NoMutableGlobals", files: file("var secrets = corev1.SchemeGroupVersion.WithResource(\"secrets\")")},
		"Explained":        {rule: "NoMutableGlobals", files: file("var table = []int{ //nolint:gochecknoglobals // a constant table\n\t1,\n}")},
		"Unexplained":      {rule: "NoMutableGlobals", files: file("var table = []int{1} //nolint:gochecknoglobals"), want: "variable table"},
		"ExplainedOther":   {rule: "NoMutableGlobals", files: file("var table = []int{1} //nolint:gosec // no key"), want: "variable table"},
		"Flag":             {rule: "NoMutableGlobals", files: file("var update = flag.Bool(\"update\", false, \"\")"), want: "variable update"},
		"Map":              {rule: "NoMutableGlobals", files: file("var seen = map[string]bool{}"), want: "variable seen"},
		"Struct":           {rule: "NoMutableGlobals", files: file("var limits = Limits{Max: 1}"), want: "variable limits"},
		"Counter":          {rule: "NoMutableGlobals", files: file("var count int"), want: "variable count"},
		"SecondOfTwo":      {rule: "NoMutableGlobals", files: file("var errA, list = errors.New(\"a\"), []int{1}"), want: "variable list"},
		"ClockPassed":      {rule: "TimeIsInjected", files: file("func f(now time.Time) bool { return now.IsZero() }")},
		"ClockInTest":      {rule: "TimeIsInjected", files: test("func f() { _ = time.Now() }")},
		"ClockRead":        {rule: "TimeIsInjected", files: file("func f() { _ = time.Now() }"), want: "time.Now"},
		"ClockHandedOn":    {rule: "TimeIsInjected", files: file("func f() { g(time.Now) }"), want: "time.Now"},
		"Since":            {rule: "TimeIsInjected", files: file("func f(t time.Time) { _ = time.Since(t) }"), want: "time.Since"},
		"Wait":             {rule: "NothingSleeps", files: file("func f(c chan int) { <-c }")},
		"Sleep":            {rule: "NothingSleeps", files: file("func f() { time.Sleep(1) }"), want: "time.Sleep"},
		"SleepInTest":      {rule: "NothingSleeps", files: test("func f() { time.Sleep(1) }"), want: "time.Sleep"},
		"StatusRead":       {rule: "StatusIsWrittenOnce", files: file("func f(c C) { c.Patch(c.Status()) }")},
		"StatusPatched":    {rule: "StatusIsWrittenOnce", files: file("func f(c C) { c.Status().Patch() }"), want: "writes status"},
		"ConditionSet":     {rule: "StatusIsWrittenOnce", files: file("func f() { meta.SetStatusCondition() }"), want: "SetStatusCondition"},
		"StatusByItsOwner": {rule: "StatusIsWrittenOnce", files: map[string]string{"pkg/status/a.go": "package status\n\nfunc f(c C) { c.Status().Patch() }\n"}},
	}
}
