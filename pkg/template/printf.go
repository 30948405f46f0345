// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// maxWidth bounds the width and the precision in a format.
const maxWidth = 1000

// printf formats as fmt.Sprintf does, and refuses where that one would write what went wrong
// into the text.
func printf(format string, values ...any) (string, error) {
	verbs, err := verbsOf(format)
	if err != nil {
		return "", err
	}
	if len(verbs) != len(values) {
		return "", refusal("the format takes %d values and is given %d", len(verbs), len(values))
	}
	size := len(format) + len(verbs)*maxWidth
	for i, verb := range verbs {
		if values[i], err = formattable(verb, values[i]); err != nil {
			return "", err
		}
		if text, ok := values[i].(string); ok {
			size += 6 * len(text)
		}
	}
	if size > 8*maxResult {
		return "", tooLarge()
	}
	return fmt.Sprintf(format, values...), nil
}

// verbsOf returns the letters of a format that take a value each.
func verbsOf(format string) ([]byte, error) {
	var verbs []byte
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		flags := strings.TrimLeft(format[i+1:], "+-# 0")
		numbers := strings.TrimLeft(flags, "0123456789.")
		for number := range strings.SplitSeq(flags[:len(flags)-len(numbers)], ".") {
			if n, err := strconv.Atoi(number); number != "" && (err != nil || n > maxWidth) {
				return nil, refusal("a format may be at most %d wide", maxWidth)
			}
		}
		if numbers == "" || !strings.ContainsRune("sqvxXdobcUteEfFgG%", rune(numbers[0])) {
			return nil, refusal("the format has a verb that is not one of s q v x X d o b c U t e E f F g G %%")
		}
		if i = len(format) - len(numbers); numbers[0] != '%' {
			verbs = append(verbs, numbers[0])
		} else if format[i-1] != '%' {
			return nil, refusal("in a format, a percent sign is written %%%%")
		}
	}
	return verbs, nil
}

// formattable returns v as a verb takes it.
func formattable(verb byte, v any) (any, error) {
	text, err := textOf(v)
	if err != nil {
		return nil, err
	}
	if n, ok := v.(json.Number); ok && strings.IndexByte("dobcUxXeEfFgG", verb) >= 0 {
		v = numberOf(n)
	}
	takes := ""
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		takes = "dobcUxXq"
	case r.Kind() == reflect.String:
		takes = "qxX"
	case r.Kind() == reflect.Bool:
		takes = "t"
	case r.Kind() == reflect.Float64:
		takes = "eEfFgG"
	}
	switch {
	case verb == 's' || verb == 'v':
		return text, nil
	case strings.IndexByte(takes, verb) < 0:
		return nil, refusal("%%%c of the format does not take a %s", verb, kindOf(v))
	}
	return v, nil
}
