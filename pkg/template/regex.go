// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"regexp"
	"regexp/syntax"
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

// compile returns a regular expression, if the execution can pay for what it takes with a text.
func (r *run) compile(pattern, s string) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, refusal("a regular expression has at most %d bytes", maxPattern)
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, refusal("this is not a regular expression of Go (RE2)")
	}
	instructions := programOf(parsed)
	if instructions > maxProgram {
		return nil, refusal("the regular expression is too large: it repeats too much")
	}
	if err := r.spend(instructions * (instructionCost + len(s)/bytesPerTry)); err != nil {
		return nil, err
	}
	return regexp.MustCompile(pattern), nil
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
	expression, err := r.compile(pattern, s)
	return err == nil && expression.MatchString(s), err
}

func (r *run) regexFind(pattern, s string) (string, error) {
	expression, err := r.compile(pattern, s)
	if err != nil {
		return "", err
	}
	return expression.FindString(s), nil
}

func (r *run) regexFindAll(pattern, s string, n int) ([]any, error) {
	expression, err := r.compile(pattern, s)
	if err != nil {
		return nil, err
	}
	return sized(items(expression.FindAllString(s, limited(n))))
}

func (r *run) regexSplit(pattern, s string, n int) ([]any, error) {
	expression, err := r.compile(pattern, s)
	if err != nil {
		return nil, err
	}
	return sized(items(expression.Split(s, limited(n))))
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
	return r.replaceAll(pattern, s, func(expression *regexp.Regexp, match []int) []byte {
		return expression.ExpandString(nil, replacement, s, match)
	})
}

func (r *run) regexReplaceAllLiteral(pattern, s, replacement string) (string, error) {
	return r.replaceAll(pattern, s, func(*regexp.Regexp, []int) []byte { return []byte(replacement) })
}

// replaceAll replaces each match, and stops when the result gets too large.
func (r *run) replaceAll(pattern, s string, with func(*regexp.Regexp, []int) []byte) (string, error) {
	expression, err := r.compile(pattern, s)
	if err != nil {
		return "", err
	}
	var result strings.Builder
	from := 0
	matches := expression.FindAllStringSubmatchIndex(s, maxItems+1)
	if len(matches) > maxItems {
		return "", tooMany()
	}
	for _, match := range matches {
		result.WriteString(s[from:match[0]])
		result.Write(with(expression, match))
		if from = match[1]; result.Len() > maxResult {
			return "", tooLarge()
		}
	}
	result.WriteString(s[from:])
	return result.String(), nil
}
