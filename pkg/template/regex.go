// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Bounds of regular expressions: of their text, and of the instructions that they are compiled to.
const (
	maxPattern = 1024
	maxProgram = 2000
)

// What a regular expression costs: each instruction to compile it, and, for every so many bytes of
// a text, to try it on them.
const (
	instructionCost = 256
	bytesPerTry     = 2
)

// expressions are the functions for regular expressions.
func expressions() map[string]any {
	return map[string]any{
		"regexMatch":             within(func(r *run) any { return r.regexMatch }),
		"regexFind":              within(func(r *run) any { return r.regexFind }),
		"regexFindAll":           within(func(r *run) any { return r.regexFindAll }),
		"regexSplit":             within(func(r *run) any { return r.regexSplit }),
		"regexReplaceAll":        within(func(r *run) any { return r.regexReplaceAll }),
		"regexReplaceAllLiteral": within(func(r *run) any { return r.regexReplaceAllLiteral }),
		"regexQuoteMeta":         regexp.QuoteMeta,
	}
}

// expression is a regular expression that is paid for.
type expression struct {
	*regexp.Regexp

	// try is what it costs to look for one match in the text.
	try int
	// roams says that it may look far beyond a match that it has found.
	roams bool
}

// compile returns a regular expression, if the execution can pay for what it takes with a text.
func (r *run) compile(pattern, s string) (expression, error) {
	if len(pattern) > maxPattern {
		return expression{}, refusal("a regular expression has at most %d bytes", maxPattern)
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return expression{}, refusal("this is not a regular expression of Go (RE2)")
	}
	instructions := programOf(parsed)
	if instructions > maxProgram {
		return expression{}, refusal("the regular expression is too large: it repeats too much")
	}
	try := instructions * (len(s) / bytesPerTry)
	if err := r.spend(instructions*instructionCost + try); err != nil {
		return expression{}, err
	}
	return expression{Regexp: regexp.MustCompile(pattern), try: try, roams: roams(parsed, false)}, nil
}

// fewMatches is how many matches are looked for at first.
const fewMatches = 16

// compileAll returns a regular expression of which every match in a text is looked for, if the
// execution can pay for that. As a rule a text is gone through once for all of them; an expression
// that roams may go through the rest of it for each.
func (r *run) compileAll(pattern, s string) (expression, error) {
	e, err := r.compile(pattern, s)
	if err != nil || !e.roams {
		return e, err
	}
	for n := fewMatches; n <= maxItems; n *= 4 {
		if err := r.spend(n * e.try); err != nil {
			return expression{}, err
		}
		if len(e.FindAllStringIndex(s, n)) < n {
			return e, nil
		}
	}
	return e, nil
}

// roams reports whether an expression may look far beyond a match that it has found: where what is
// repeated without an end is one of several ways on, a shorter way may have matched, while the long
// one, which goes first, is still looked at. choice says that it is one of several ways.
func roams(e *syntax.Regexp, choice bool) bool {
	endless := e.Op == syntax.OpStar || e.Op == syntax.OpPlus || e.Op == syntax.OpRepeat && e.Max < 0
	if endless && choice {
		return true
	}
	choice = choice || endless || e.Op == syntax.OpQuest || e.Op == syntax.OpAlternate || e.Op == syntax.OpRepeat
	return slices.ContainsFunc(e.Sub, func(part *syntax.Regexp) bool { return roams(part, choice) })
}

// programOf returns how many instructions an expression is compiled to, about and at least:
// what is repeated is there as often.
func programOf(expression *syntax.Regexp) int {
	size := 2
	if expression.Op == syntax.OpLiteral {
		size += len(expression.Rune)
	}
	for _, part := range expression.Sub {
		size += programOf(part)
	}
	if expression.Op == syntax.OpRepeat {
		size *= max(1, expression.Min, expression.Max)
	}
	return min(size, maxProgram+1)
}

func (r *run) regexMatch(pattern, s string) (bool, error) {
	e, err := r.compile(pattern, s)
	return err == nil && e.MatchString(s), err
}

func (r *run) regexFind(pattern, s string) (string, error) {
	e, err := r.compile(pattern, s)
	if err != nil {
		return "", err
	}
	return e.FindString(s), nil
}

func (r *run) regexFindAll(pattern, s string, n int) ([]any, error) {
	e, err := r.compileAll(pattern, s)
	if err != nil {
		return nil, err
	}
	return sized(items(e.FindAllString(s, limited(n))))
}

func (r *run) regexSplit(pattern, s string, n int) ([]any, error) {
	e, err := r.compileAll(pattern, s)
	if err != nil {
		return nil, err
	}
	return sized(items(e.Split(s, limited(n))))
}

// limited returns how many matches to look for, where any number below 0 means all: one more
// than a list may have, so that too many are noticed.
func limited(n int) int {
	if n < 0 || n > maxItems {
		return maxItems + 1
	}
	return n
}

func (r *run) regexReplaceAll(pattern, s, replacement string) (string, error) {
	groups := strings.Count(replacement, "$")
	return r.replaceAll(pattern, s, func(e expression, match []int) ([]byte, error) {
		// A group is at most as long as the match that it is a part of.
		if len(replacement)+groups*(match[1]-match[0]) > maxResult {
			return nil, tooLarge()
		}
		return e.ExpandString(nil, replacement, s, match), nil
	})
}

func (r *run) regexReplaceAllLiteral(pattern, s, replacement string) (string, error) {
	return r.replaceAll(pattern, s, func(expression, []int) ([]byte, error) { return []byte(replacement), nil })
}

// replaceAll replaces each match, and stops when the result gets too large.
func (r *run) replaceAll(pattern, s string, with func(expression, []int) ([]byte, error)) (string, error) {
	e, err := r.compileAll(pattern, s)
	if err != nil {
		return "", err
	}
	var result strings.Builder
	from := 0
	matches := e.FindAllStringSubmatchIndex(s, maxItems+1)
	if len(matches) > maxItems {
		return "", tooMany()
	}
	for _, match := range matches {
		text, err := with(e, match)
		if err != nil {
			return "", err
		}
		result.WriteString(s[from:match[0]])
		result.Write(text)
		if from = match[1]; result.Len() > maxResult {
			return "", tooLarge()
		}
	}
	result.WriteString(s[from:])
	return result.String(), nil
}
