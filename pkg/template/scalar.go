// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// textOf returns how a text, a number or a truth is printed. Errors: anything else, which would
// be printed in the notation of Go.
func textOf(v any) (string, error) {
	switch s := v.(type) {
	case nil:
		return "", refusal("there is nothing to print (null)")
	case string:
		return s, nil
	case json.Number:
		return s.String(), nil
	case bool:
		return strconv.FormatBool(s), nil
	case float64:
		return strconv.FormatFloat(s, 'f', -1, 64), nil
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return strconv.FormatInt(r.Int(), 10), nil
	case r.Kind() == reflect.Slice, r.Kind() == reflect.Map:
		return "", refusal("a list or a map is no text: use join, toJson or toYaml, or name a member")
	default:
		return "", refusal("this kind of value cannot be printed")
	}
}

// textsOf returns how each of several values is printed.
func textsOf(values []any) ([]string, error) {
	if len(values) > maxItems {
		return nil, tooMany()
	}
	all := make([]string, len(values))
	for i, v := range values {
		text, err := textOf(v)
		if err != nil {
			return nil, err
		}
		all[i] = text
	}
	return all, nil
}

// scalar returns v as one of string, bool, int64 and float64. A number that is none of the last
// two without loss is the text of its digits.
func scalar(v any) (any, error) {
	switch s := v.(type) {
	case string, bool, float64:
		return s, nil
	case json.Number:
		return s.String(), nil
	}
	if r := reflect.ValueOf(v); r.CanInt() {
		return r.Int(), nil
	}
	return nil, refusal("it compares texts, numbers and truths, and is given something else")
}

// empty reports whether v is what a template takes for false.
func empty(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return r.Len() == 0
	default:
		return r.IsZero()
	}
}

// kindOf names the kind of a value as users know it.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case json.Number, float64:
		return "number"
	case []any:
		return "list"
	case map[string]any:
		return "map"
	case string:
		return "string"
	case bool:
		return "bool"
	}
	if reflect.ValueOf(v).CanInt() {
		return "number"
	}
	return "unknown"
}

// basics are the functions for any kind of value.
func basics() map[string]any {
	return map[string]any{
		"toString": textOf,
		"default": func(instead any, v ...any) any {
			if len(v) == 0 || empty(v[0]) {
				return instead
			}
			return v[0]
		},
		"coalesce": func(values ...any) (any, error) {
			for _, v := range values {
				if !empty(v) {
					return v, nil
				}
			}
			return nil, refusal("all that it is given is empty")
		},
		"ternary": func(yes, no any, condition bool) any {
			if condition {
				return yes
			}
			return no
		},
		"empty":  empty,
		"kindOf": kindOf,
		"kindIs": func(kind string, v any) bool { return kind == kindOf(v) },
		failName: func(text string) (string, error) { return "", refusal("%s", cut(text)) },
		"eq":     equal,
		"ne": func(a, b any) (bool, error) {
			same, err := equal(a, b)
			return !same, err
		},
		"lt": func(a, b any) (bool, error) { return ordered(a, b, func(c int) bool { return c < 0 }) },
		"le": func(a, b any) (bool, error) { return ordered(a, b, func(c int) bool { return c <= 0 }) },
		"gt": func(a, b any) (bool, error) { return ordered(a, b, func(c int) bool { return c > 0 }) },
		"ge": func(a, b any) (bool, error) { return ordered(a, b, func(c int) bool { return c >= 0 }) },
	}
}

// equal reports whether a is one of the others.
func equal(a any, others ...any) (bool, error) {
	if len(others) == 0 {
		return false, refusal("there is nothing to compare with")
	}
	x, err := scalar(a)
	if err != nil {
		return false, err
	}
	for _, other := range others {
		y, err := scalar(other)
		if err != nil {
			return false, err
		}
		if c, err := compare(x, y); err != nil || c == 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// compare orders two scalars of one kind. Truths are equal or not, in no order.
func compare(a, b any) (int, error) {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	case bool:
		if y, ok := b.(bool); ok && x == y {
			return 0, nil
		} else if ok {
			return 1, nil
		}
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y), nil
		}
	}
	x, isNumber := floating(a)
	if y, ok := floating(b); ok && isNumber {
		return cmp.Compare(x, y), nil
	}
	return 0, refusal("a %s cannot be compared with a %s; toString and int make one the other", kindOf(a), kindOf(b))
}

func floating(scalar any) (float64, bool) {
	if n, ok := scalar.(int64); ok {
		return float64(n), true
	}
	f, ok := scalar.(float64)
	return f, ok
}

func ordered(a, b any, holds func(int) bool) (bool, error) {
	x, err := scalar(a)
	if err != nil {
		return false, err
	}
	y, err := scalar(b)
	if err != nil {
		return false, err
	}
	if kindOf(x) == "bool" {
		return false, refusal("truths have no order")
	}
	c, err := compare(x, y)
	return err == nil && holds(c), err
}

// printed returns the texts of values with a space between two of which neither is a text, as
// fmt.Sprint does.
func printed(values []any) (string, error) {
	all, err := textsOf(values)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for i := range all {
		if i > 0 && kindOf(values[i]) != "string" && kindOf(values[i-1]) != "string" {
			text.WriteByte(' ')
		}
		text.WriteString(all[i])
	}
	return text.String(), nil
}
