// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"slices"
	"strconv"
	"strings"
)

func tooMany() error { return refusal("a list or a map has at most %d items", maxItems) }

// lists are the functions for lists. None changes a list that it is given.
func lists() map[string]any {
	return map[string]any{
		"list":      func(items ...any) ([]any, error) { return sized(slices.Clone(items)) },
		"first":     func(l []any) (any, error) { return at(l, 0) },
		"last":      func(l []any) (any, error) { return at(l, len(l)-1) },
		"rest":      func(l []any) []any { return slices.Clone(l[min(1, len(l)):]) },
		"initial":   func(l []any) []any { return slices.Clone(l[:max(0, len(l)-1)]) },
		"append":    func(l []any, item any) ([]any, error) { return sized(slices.Concat(l, []any{item})) },
		"prepend":   func(l []any, item any) ([]any, error) { return sized(slices.Concat([]any{item}, l)) },
		"concat":    concat,
		"reverse":   func(l []any) []any { l = slices.Clone(l); slices.Reverse(l); return l },
		"compact":   func(l []any) []any { return slices.DeleteFunc(slices.Clone(l), empty) },
		"uniq":      uniq,
		"without":   without,
		"has":       func(item any, l []any) (bool, error) { return holds(l, item) },
		"slice":     slice,
		"sortAlpha": sortAlpha,
		"join":      joined,
		"splitList": func(separator, s string) ([]any, error) { return split(separator, s, -1) },
		"split":     func(separator, s string) (map[string]any, error) { return numbered(split(separator, s, -1)) },
		"splitn": func(separator string, n int, s string) (map[string]any, error) {
			return numbered(split(separator, s, n))
		},
		"lines": func(s string) ([]any, error) { return split("\n", strings.TrimSuffix(s, "\n"), -1) },
	}
}

func concat(all ...[]any) ([]any, error) {
	size := 0
	for _, l := range all {
		if size += len(l); size > maxItems {
			return nil, tooMany()
		}
	}
	return slices.Concat(all...), nil
}

func sized(l []any) ([]any, error) {
	if len(l) > maxItems {
		return nil, tooMany()
	}
	return l, nil
}

func at(l []any, i int) (any, error) {
	if i < 0 || i >= len(l) {
		return nil, refusal("the list has %d items, and there is none at %d", len(l), i)
	}
	return l[i], nil
}

// holds reports whether a scalar is in a list of scalars.
func holds(l []any, item any) (bool, error) {
	want, err := textOf(item)
	if err != nil {
		return false, err
	}
	for _, other := range l {
		got, err := textOf(other)
		if err != nil {
			return false, err
		}
		if got == want && kindOf(other) == kindOf(item) {
			return true, nil
		}
	}
	return false, nil
}

// mark tells scalars apart.
func mark(v any) (string, error) {
	text, err := textOf(v)
	return kindOf(v) + " " + text, err
}

func marks(l []any) (map[string]struct{}, error) {
	seen := map[string]struct{}{}
	for _, item := range l {
		m, err := mark(item)
		if err != nil {
			return nil, err
		}
		seen[m] = struct{}{}
	}
	return seen, nil
}

func uniq(l []any) ([]any, error) {
	seen, result := map[string]struct{}{}, []any{}
	for _, item := range l {
		m, err := mark(item)
		if err != nil {
			return nil, err
		}
		if _, ok := seen[m]; !ok {
			result = append(result, item)
		}
		seen[m] = struct{}{}
	}
	return result, nil
}

func without(l []any, items ...any) ([]any, error) {
	drop, err := marks(items)
	if err != nil {
		return nil, err
	}
	result := []any{}
	for _, item := range l {
		m, err := mark(item)
		if err != nil {
			return nil, err
		}
		if _, ok := drop[m]; !ok {
			result = append(result, item)
		}
	}
	return result, nil
}

// slice returns a part of a list or a text, from one place up to, not including, another.
func slice(v any, places ...int) (any, error) {
	text, isText := v.(string)
	l, isList := v.([]any)
	if !isText && !isList {
		return nil, refusal("a %s has no parts", kindOf(v))
	}
	from, to := 0, max(len(text), len(l))
	if len(places) > 0 {
		from = places[0]
	}
	if len(places) > 1 {
		to = places[1]
	}
	if len(places) > 2 || from < 0 || to < from || to > max(len(text), len(l)) {
		return nil, refusal("the part that is asked for does not lie within")
	}
	if isText {
		return text[from:to], nil
	}
	return slices.Clone(l[from:to]), nil
}

func sortAlpha(l []any) ([]any, error) {
	all, err := textsOf(l)
	if err != nil {
		return nil, err
	}
	slices.Sort(all)
	return items(all), nil
}

// items returns texts as a list of a template.
func items(all []string) []any {
	l := make([]any, len(all))
	for i, text := range all {
		l[i] = text
	}
	return l
}

func split(separator, s string, n int) ([]any, error) {
	if separator == "" && len(s) > maxItems || strings.Count(s, separator) > maxItems {
		return nil, tooMany()
	}
	return sized(items(strings.SplitN(s, separator, n)))
}

// numbered returns a list as a map with the keys _0, _1 and so on.
func numbered(l []any, err error) (map[string]any, error) {
	m := make(map[string]any, len(l))
	for i, item := range l {
		m["_"+strconv.Itoa(i)] = item
	}
	return m, err
}
