// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// numberOf returns digits as an int if they are one, else as a float64.
func numberOf(n json.Number) any {
	if i, err := strconv.Atoi(n.String()); err == nil {
		return i
	}
	f, _ := n.Float64()
	return f
}

// intOf returns a whole number, or a text of its digits, as an int.
func intOf(v any) (int, error) {
	switch n := v.(type) {
	case string:
		if i, err := strconv.Atoi(strings.TrimSpace(n)); err == nil {
			return i, nil
		}
		return 0, refusal("the text is no whole number")
	case json.Number:
		if i, err := strconv.Atoi(n.String()); err == nil {
			return i, nil
		}
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int(n), nil
		}
	}
	if r := reflect.ValueOf(v); v != nil && r.CanInt() {
		return int(r.Int()), nil
	}
	return 0, refusal("a %s is no whole number", kindOf(v))
}

// folding returns a function that combines whole numbers from the left.
func folding(combine func(a, b int) (int, error)) func(first any, others ...any) (int, error) {
	return func(first any, others ...any) (int, error) {
		result, err := intOf(first)
		for _, other := range others {
			var n int
			if err == nil {
				n, err = intOf(other)
			}
			if err == nil {
				result, err = combine(result, n)
			}
		}
		return result, err
	}
}

func divide(of func(a, b int) int) func(a, b int) (int, error) {
	return func(a, b int) (int, error) {
		if b == 0 {
			return 0, refusal("nothing can be divided by 0")
		}
		return of(a, b), nil
	}
}

// exactly makes a function that combines two numbers of one that combines many.
func exactly(combine func(a, b int) (int, error)) func(a, b any) (int, error) {
	fold := folding(combine)
	return func(a, b any) (int, error) { return fold(a, b) }
}

func always(combine func(a, b int) int) func(a, b int) (int, error) {
	return func(a, b int) (int, error) { return combine(a, b), nil }
}

// numbers are the functions for whole numbers; texts of digits are taken, too.
func numbers() map[string]any {
	return map[string]any{
		"int":   intOf,
		"add":   folding(always(func(a, b int) int { return a + b })),
		"add1":  func(v any) (int, error) { n, err := intOf(v); return n + 1, err },
		"sub":   exactly(always(func(a, b int) int { return a - b })),
		"mul":   folding(always(func(a, b int) int { return a * b })),
		"div":   exactly(divide(func(a, b int) int { return a / b })),
		"mod":   exactly(divide(func(a, b int) int { return a % b })),
		"max":   folding(always(func(a, b int) int { return max(a, b) })),
		"min":   folding(always(func(a, b int) int { return min(a, b) })),
		"until": until,
	}
}

func until(end int) ([]any, error) {
	if end > maxItems {
		return nil, tooMany()
	}
	list := []any{}
	for i := range end {
		list = append(list, i)
	}
	return list, nil
}
