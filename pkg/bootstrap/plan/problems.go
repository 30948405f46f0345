// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Problem is one thing that is wrong with a plan.
type Problem struct {
	// Line is where, counted from 1; zero if that is not known.
	Line int `json:"line,omitempty"`
	// Field is which field, such as values[3].from.env; empty for the plan as a whole.
	Field string `json:"field,omitempty"`
	// Message is what is wrong and what would help.
	Message string `json:"message"`
}

// String is the problem in one line, whatever the names in the plan are: a line of its own could be
// a command to whatever shows it, such as GitHub's ::set-output.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, b.String()+p.Message)
}

// Problems is everything that is wrong with a plan, as an error.
type Problems []Problem //nolint:errname // a list first, and an error where it is not empty

// Error lists the problems, a line each.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(p)
}

// below returns the path of a field beneath another, without touching that one's.
func below(path []string, steps ...string) []string { return slices.Concat(path, steps) }

// fieldName writes a path as people do.
func fieldName(path []string) string {
	var b strings.Builder
	for _, step := range path {
		switch _, err := strconv.Atoi(step); {
		case err == nil:
			b.WriteString("[" + step + "]")
		case b.Len() == 0:
			b.WriteString(step)
		default:
			b.WriteString("." + step)
		}
	}
	return b.String()
}
