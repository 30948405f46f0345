// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
)

// errorsAreWrapped finds errors whose chain is lost: an Errorf that is given an error, or an
// error's text, and does not wrap it.
func errorsAreWrapped(s *source) []string {
	var found []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		if pkg, name := selector(call.Fun); pkg != "fmt" || name != "Errorf" {
			return true
		}
		format, literal := call.Args[0].(*ast.BasicLit)
		if literal && strings.Contains(format.Value, "%w") {
			return true
		}
		if slices.ContainsFunc(call.Args[1:], isError) {
			found = append(found, s.finding(call, "Errorf is given an error and does not wrap it with %%w"))
		}
		return true
	})
	return found
}

// isError goes by the name, which is all that syntax tells: err, somethingErr, errSomething and
// what their Error method returns.
func isError(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return errorName.MatchString(x.Name)
	case *ast.SelectorExpr:
		return errorName.MatchString(x.Sel.Name)
	case *ast.CallExpr:
		sel, ok := x.Fun.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Error" && isError(sel.X)
	default:
		return false
	}
}

var errorName = regexp.MustCompile(`^(err|err[A-Z].*|Err[A-Z].*|.*Err)$`)

// nolintIsExplained also refuses a nolint that names no linter, which would mute them all.
func nolintIsExplained(s *source) []string {
	var found []string
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//nolint") && !explainedNolint.MatchString(c.Text) {
				found = append(found, s.finding(c, "nolint must name its linters and say why: //nolint:name // reason"))
			}
		}
	}
	return found
}

// explains reports whether n's first line mutes the linter and says why.
func (s *source) explains(n ast.Node, linter string) bool {
	line := s.fset.Position(n.Pos()).Line
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			if s.fset.Position(c.Pos()).Line == line && explainedNolint.MatchString(c.Text) &&
				slices.Contains(mutedLinters(c.Text), linter) {
				return true
			}
		}
	}
	return false
}

// mutedLinters returns the names in a nolint comment.
func mutedLinters(comment string) []string {
	names, _, _ := strings.Cut(strings.TrimPrefix(comment, "//nolint:"), " ")
	return strings.Split(names, ",")
}

var explainedNolint = regexp.MustCompile(`^//nolint:[a-z0-9,]+ // \S`)

func errorCases() map[string]ruleCase {
	file := func(body string) map[string]string {
		return map[string]string{"pkg/a/a.go": "package a\n\n" + body + "\n"}
	}
	call := func(call string) map[string]string { return file("func f() { _ = " + call + " }") }
	return map[string]ruleCase{
		"Wrapped":       {rule: "ErrorsAreWrapped", files: call("fmt.Errorf(\"reading %q: %w\", name, err)")},
		"NoError":       {rule: "ErrorsAreWrapped", files: call("fmt.Errorf(\"no %q\", name)")},
		"TestFailure":   {rule: "ErrorsAreWrapped", files: call("t.Errorf(\"reading: %v\", err)")},
		"Lost":          {rule: "ErrorsAreWrapped", files: call("fmt.Errorf(\"reading: %v\", err)"), want: "wrap it"},
		"LostField":     {rule: "ErrorsAreWrapped", files: call("fmt.Errorf(\"reading: %v\", r.lastErr)"), want: "wrap it"},
		"LostText":      {rule: "ErrorsAreWrapped", files: call("fmt.Errorf(\"reading: %s\", err.Error())"), want: "wrap it"},
		"LostSentinel":  {rule: "ErrorsAreWrapped", files: call("fmt.Errorf(\"reading: %s\", ErrGone)"), want: "wrap it"},
		"Explained":     {rule: "NolintIsExplained", files: file("var _ = 1 //nolint:gosec // a test key")},
		"Unexplained":   {rule: "NolintIsExplained", files: file("var _ = 1 //nolint:gosec"), want: "say why"},
		"EmptyReason":   {rule: "NolintIsExplained", files: file("var _ = 1 //nolint:gosec // "), want: "say why"},
		"WithoutLinter": {rule: "NolintIsExplained", files: file("var _ = 1 //nolint // because"), want: "say why"},
	}
}
