// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// Bounds of regular expressions: of their text, and of the work, in instructions of the
// compiled expression times bytes of the text.
const (
	maxPattern   = 1024
	maxProgram   = 2000
	maxMatchWork = 64 << 20
)

// compile returns a regular expression that is quick enough for a text.
func compile(pattern, s string) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, refusal("a regular expression has at most %d bytes", maxPattern)
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, refusal("this is not a regular expression of Go (RE2)")
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > maxProgram || len(program.Inst)*len(s) > maxMatchWork {
		return nil, refusal("the regular expression is too costly for this text")
	}
	return regexp.MustCompile(pattern), nil
}

func regexMatch(pattern, s string) (bool, error) {
	expression, err := compile(pattern, s)
	return err == nil && expression.MatchString(s), err
}

func regexFind(pattern, s string) (string, error) {
	expression, err := compile(pattern, s)
	if err != nil {
		return "", err
	}
	return expression.FindString(s), nil
}

func regexFindAll(pattern, s string, n int) ([]any, error) {
	expression, err := compile(pattern, s)
	if err != nil {
		return nil, err
	}
	return sized(items(expression.FindAllString(s, limited(n))))
}

func regexSplit(pattern, s string, n int) ([]any, error) {
	expression, err := compile(pattern, s)
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

func regexReplaceAll(pattern, s, replacement string) (string, error) {
	return replaceAll(pattern, s, func(expression *regexp.Regexp, match []int) []byte {
		return expression.ExpandString(nil, replacement, s, match)
	})
}

func regexReplaceAllLiteral(pattern, s, replacement string) (string, error) {
	return replaceAll(pattern, s, func(*regexp.Regexp, []int) []byte { return []byte(replacement) })
}

// replaceAll replaces each match, and stops when the result gets too large.
func replaceAll(pattern, s string, with func(*regexp.Regexp, []int) []byte) (string, error) {
	expression, err := compile(pattern, s)
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

func regexQuoteMeta(s string) string { return regexp.QuoteMeta(s) }
