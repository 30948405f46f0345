// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"html"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode"
)

// textual are the functions for texts. Where the text is what a pipe brings, it is the last
// argument.
func textual() map[string]any {
	return map[string]any{
		"trim":       strings.TrimSpace,
		"trimAll":    func(cutset, s string) string { return strings.Trim(s, cutset) },
		"trimPrefix": func(prefix, s string) string { return strings.TrimPrefix(s, prefix) },
		"trimSuffix": func(suffix, s string) string { return strings.TrimSuffix(s, suffix) },
		"upper":      strings.ToUpper,
		"lower":      strings.ToLower,
		"nospace": func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, s)
		},
		"contains":  func(part, s string) bool { return strings.Contains(s, part) },
		"hasPrefix": func(prefix, s string) bool { return strings.HasPrefix(s, prefix) },
		"hasSuffix": func(suffix, s string) bool { return strings.HasSuffix(s, suffix) },
		"repeat":    repeat,
		"replace":   replace,
		"substr":    substr,
		"trunc":     trunc,
		"cat":       func(values ...any) (string, error) { return joined(" ", values) },
		"quote":     func(values ...any) (string, error) { return quoted(values, strconv.Quote) },
		"squote": func(values ...any) (string, error) {
			return quoted(values, func(s string) string { return "'" + s + "'" })
		},
		"indent":    indent,
		"nindent":   func(spaces int, s string) (string, error) { return after("\n", spaces, s) },
		"print":     func(values ...any) (string, error) { return printed(values) },
		"println":   func(values ...any) (string, error) { return line(values) },
		"printf":    printf,
		"html":      func(values ...any) (string, error) { return escaped(values, html.EscapeString) },
		"urlquery":  func(values ...any) (string, error) { return escaped(values, url.QueryEscape) },
		"urlencode": urlencode,
		"base":      path.Base,
		"dir":       path.Dir,
		"ext":       path.Ext,
		"clean":     path.Clean,
	}
}

func repeat(count int, s string) (string, error) {
	if count < 0 {
		return "", refusal("a text cannot be repeated less than 0 times")
	}
	if s != "" && count > maxResult/len(s) {
		return "", tooLarge()
	}
	return strings.Repeat(s, count), nil
}

func replace(old, replacement, s string) (string, error) {
	if len(s)+strings.Count(s, old)*len(replacement) > maxResult {
		return "", tooLarge()
	}
	return strings.ReplaceAll(s, old, replacement), nil
}

// substr cuts by bytes, as its namesake of Sprig.
func substr(start, end int, s string) (string, error) {
	if start < 0 {
		start = 0
	}
	if end < 0 || end > len(s) {
		end = len(s)
	}
	if start > end {
		return "", refusal("the text ends before the part that is asked for")
	}
	return s[start:end], nil
}

// trunc keeps the first count bytes or, of a count below 0, the last.
func trunc(count int, s string) string {
	switch {
	case count >= 0 && count < len(s):
		return s[:count]
	case count < 0 && count > -len(s):
		return s[len(s)+count:]
	default:
		return s
	}
}

func joined(separator string, values []any) (string, error) {
	all, err := textsOf(values)
	if err != nil {
		return "", err
	}
	size := len(separator) * len(all)
	for _, text := range all {
		size += len(text)
	}
	if size > maxResult {
		return "", tooLarge()
	}
	return strings.Join(all, separator), nil
}

func quoted(values []any, quote func(string) string) (string, error) {
	texts, err := textsWithin(values)
	if err != nil {
		return "", err
	}
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = quote(text)
	}
	return joined(" ", all)
}

// textsWithin returns values as texts, if they are not larger together than a result: what writes
// them differently needs several times as much at once.
func textsWithin(values []any) ([]string, error) {
	texts, err := textsOf(values)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, text := range texts {
		if size += len(text); size > maxResult {
			return nil, tooLarge()
		}
	}
	return texts, nil
}

func indent(spaces int, s string) (string, error) { return after("", spaces, s) }

// after indents each line of a text, and puts prefix in front of the first.
func after(prefix string, spaces int, s string) (string, error) {
	if spaces < 0 || spaces > maxIndent {
		return "", refusal("a text can be indented by 0 to %d spaces", maxIndent)
	}
	pad := strings.Repeat(" ", spaces)
	result, err := replace("\n", "\n"+pad, s)
	return prefix + pad + result, err
}

// maxIndent bounds what a line is indented by.
const maxIndent = 1000

// escaped prints values and escapes the text.
func escaped(values []any, escape func(string) string) (string, error) {
	if _, err := textsWithin(values); err != nil {
		return "", err
	}
	text, err := printed(values)
	if err != nil {
		return "", err
	}
	return escape(text), nil
}

func line(values []any) (string, error) {
	text, err := joined(" ", values)
	return text + "\n", err
}

// urlencode writes every byte but the unreserved characters of RFC 3986 as a percent sign and
// two digits, which is right in each part of a URL.
func urlencode(s string) (string, error) {
	if len(s) > maxResult/3 {
		return "", tooLarge()
	}
	// QueryEscape leaves just the unreserved ones, but for the space.
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20"), nil
}
