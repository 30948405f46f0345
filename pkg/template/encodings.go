// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"bytes"
	"cmp"
	"crypto/sha1" //nolint:gosec // what some file formats ask for
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// encodings are the functions that write values in another notation, and read them.
func encodings() map[string]any {
	return map[string]any{
		"b64enc":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"b64dec":    b64dec,
		"b64urlenc": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"b32enc":    func(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) },
		"b32dec": func(s string) (string, error) {
			return decoded(base32.StdEncoding.DecodeString(strings.TrimSpace(s)))("Base32")
		},
		"hexenc":       func(s string) string { return hex.EncodeToString([]byte(s)) },
		"hexdec":       func(s string) (string, error) { return decoded(hex.DecodeString(strings.TrimSpace(s)))("hexadecimal") },
		"sha1sum":      func(s string) string { sum := sha1.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }, //nolint:gosec // see above
		"sha256sum":    func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) },
		"sha512sum":    func(s string) string { sum := sha512.Sum512([]byte(s)); return hex.EncodeToString(sum[:]) },
		"toJson":       toJSON,
		"toPrettyJson": toPrettyJSON,
		"fromJson":     fromJSON,
		"toYaml":       toYAML,
		"fromYaml":     fromYAML,
		"toToml":       toTOML,
		"fromToml":     fromTOML,
	}
}

// decoded returns what a decoder said, without what its error quotes.
func decoded(b []byte, err error) func(notation string) (string, error) {
	return func(notation string) (string, error) {
		if err != nil {
			return "", refusal("the text is not %s", notation)
		}
		return string(b), nil
	}
}

// b64dec takes the standard and the URL-safe alphabet, padded or not, and skips white space.
func b64dec(s string) (string, error) {
	s = strings.Join(strings.Fields(s), "")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		encoding = base64.RawURLEncoding
	}
	return decoded(encoding.DecodeString(strings.TrimRight(s, "=")))("Base64")
}

// measured returns how many bytes indented JSON takes for v, about. Errors: it is nested too deep, too large, or
// has bytes that are no text.
func measured(v any, depth int) (int, error) {
	if depth > maxNesting {
		return 0, refusal("lists and maps lie more than %d deep in each other", maxNesting)
	}
	size := 2
	var err error
	add := func(key string, item any) bool {
		var inner int
		inner, err = measured(item, depth+1)
		if size += len(key) + inner + 4 + 2*depth; err == nil && size > maxResult {
			err = tooLarge()
		}
		return err == nil
	}
	switch n := v.(type) {
	case []any:
		for _, item := range n {
			if !add("", item) {
				break
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(n)) { // So that of two errors it is always the same.
			if _, err = measuredScalar(key); err != nil || !add(key, n[key]) {
				break
			}
		}
	default:
		return measuredScalar(v)
	}
	return size, err
}

// noText says that bytes are to be written where only text can be.
func noText() error { return refusal("a text has bytes that are not UTF-8; b64enc makes them a text") }

func measuredScalar(v any) (int, error) {
	if v == nil {
		return len("null"), nil
	}
	text, err := textOf(v)
	if err == nil && !utf8.ValidString(text) {
		return 0, noText()
	}
	return len(text) + 2, err
}

// toJSON writes JSON without white space, with sorted keys and without the escapes of HTML.
func toJSON(v any) (string, error) { return encodeJSON(v, "") }

func toPrettyJSON(v any) (string, error) { return encodeJSON(v, "  ") }

func encodeJSON(v any, indent string) (string, error) {
	if _, err := measured(v, 0); err != nil {
		return "", err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return "", refusal("the value cannot be written as JSON")
	}
	return escapedForYAML(strings.TrimSuffix(text.String(), "\n"))
}

// escapedForYAML writes the characters as escapes that JSON may hold as they are, and that YAML takes
// for a line break, or not at all.
func escapedForYAML(text string) (string, error) {
	odd := func(c rune) bool { return c >= 0x7f && c <= 0x9f || c == 0xfeff }
	if !strings.ContainsFunc(text, odd) {
		return text, nil
	}
	if len(text) > maxResult/3 {
		return "", tooLarge()
	}
	var escaped strings.Builder
	for _, c := range text {
		if odd(c) {
			fmt.Fprintf(&escaped, `\u%04x`, c)
		} else {
			escaped.WriteRune(c)
		}
	}
	return escaped.String(), nil
}

// fromJSON reads JSON. Whole numbers become int, others keep their digits.
func fromJSON(s string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(s))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil || decoder.More() || strings.TrimSpace(s[decoder.InputOffset():]) != "" {
		return nil, refusal("the text is not JSON")
	}
	left := maxItems
	return native(v, &left, 0)
}

// native returns what a decoder made in the kinds that templates know, if it is not too much.
func native(v any, left *int, depth int) (any, error) {
	*left--
	if *left < 0 {
		return nil, tooMany()
	}
	if depth > maxNesting {
		return nil, refusal("lists and maps lie more than %d deep in each other", maxNesting)
	}
	var err error
	switch n := v.(type) {
	case json.Number:
		if whole, ok := numberOf(n).(int); ok {
			return whole, nil
		}
		return n, nil
	case int64:
		return int(n), nil
	case []any:
		for i := 0; i < len(n) && err == nil; i++ {
			n[i], err = native(n[i], left, depth+1)
		}
	case map[string]any:
		for key := range n {
			var e error
			n[key], e = native(n[key], left, depth+1)
			err = cmp.Or(err, e)
		}
	}
	return v, err
}
