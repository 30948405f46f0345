// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// A node is a parsed JSON value: nil, bool, string, json.Number, []any or map[string]any.

// parse returns the node of a JSON text. What would silently change a value is refused:
// texts that are not valid Unicode (encoding/json would put U+FFFD there) and objects
// that have a member twice (it would take the last).
func parse(text []byte) (any, error) {
	if !json.Valid(text) {
		return nil, invalid(ReasonInvalidValue, "the value is not valid JSON")
	}
	if !utf8.Valid(text) || hasLoneSurrogate(text) {
		return nil, invalid(ReasonInvalidValue, "the value is a text that is not valid Unicode and would not stay as it is; keep it Base64-encoded and use decode: Base64")
	}
	if nodes := countNodes(text); nodes > maxNodes {
		return nil, invalid(ReasonTooLarge, "the value is JSON of about %d parts, more than %d", nodes, maxNodes)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return parseNode(decoder)
}

// maxNodes bounds the values and members of a JSON text. A tree takes much more memory than
// its text, some 350 bytes for each {"a":0}, and one value must not cost the operator's.
const maxNodes = 100_000

// countNodes returns about how many values a JSON text has, without parsing it: it counts
// what opens lists and objects and what separates their parts, inside texts as well.
func countNodes(text []byte) (nodes int) {
	for _, c := range text {
		if c == ',' || c == '[' || c == '{' {
			nodes++
		}
	}
	return nodes
}

// nextToken hides the decoder's errors, which quote what they stumbled over.
func nextToken(decoder *json.Decoder) (json.Token, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, invalid(ReasonInvalidValue, "the value is not valid JSON")
	}
	return token, nil
}

func parseNode(decoder *json.Decoder) (any, error) {
	token, err := nextToken(decoder)
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		return parseList(decoder)
	case json.Delim('{'):
		return parseObject(decoder)
	default:
		return token, nil
	}
}

func parseList(decoder *json.Decoder) (any, error) {
	list := []any{}
	for decoder.More() {
		node, err := parseNode(decoder)
		if err != nil {
			return nil, err
		}
		list = append(list, node)
	}
	_, err := nextToken(decoder)
	return list, err
}

func parseObject(decoder *json.Decoder) (any, error) {
	object := map[string]any{}
	for decoder.More() {
		name, err := nextToken(decoder)
		if err != nil {
			return nil, err
		}
		member, _ := name.(string)
		if _, twice := object[member]; twice {
			return nil, invalid(ReasonInvalidValue, "the value is JSON with an object that has a member twice")
		}
		if object[member], err = parseNode(decoder); err != nil {
			return nil, err
		}
	}
	_, err := nextToken(decoder)
	return object, err
}

// hasLoneSurrogate reports whether a valid JSON text has an escape \uD800 to \uDFFF that
// is not half of a pair.
func hasLoneSurrogate(text []byte) bool {
	first := false // the escape just before is the first half of a pair
	for i := 0; i < len(text); {
		unit, size := nextUnit(text[i:])
		second := unit >= 0xDC00 && unit <= 0xDFFF
		if second != first {
			return true
		}
		first = unit >= 0xD800 && unit <= 0xDBFF
		i += size
	}
	return first
}

// nextUnit returns the code unit that a valid JSON text begins with if it is escaped as
// \uXXXX, else 0, and the number of bytes to go on by.
func nextUnit(text []byte) (unit uint64, size int) {
	switch {
	case text[0] != '\\':
		return 0, 1
	case text[1] != 'u':
		return 0, 2
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return 0, 2 // not reached: the text is valid JSON
	}
	return unit, 6
}

// appendCanonical appends node as compact JSON that never changes between releases, as
// encoding/json's does: members sorted by the bytes of their names, numbers with the
// digits they came with, and in texts only what RFC 8259 demands escaped, the way
// RFC 8785 (section 3.2.2.2) does it.
func appendCanonical(out []byte, node any) []byte {
	switch n := node.(type) {
	case nil:
		return append(out, "null"...)
	case bool:
		return strconv.AppendBool(out, n)
	case json.Number:
		return append(out, n...)
	case string:
		return appendText(out, n)
	case []any:
		return appendList(out, n)
	case map[string]any:
		return appendObject(out, n)
	default:
		return out // not reached: parse makes no other node
	}
}

func appendList(out []byte, list []any) []byte {
	out = append(out, '[')
	for i, item := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendCanonical(out, item)
	}
	return append(out, ']')
}

func appendObject(out []byte, object map[string]any) []byte {
	out = append(out, '{')
	for i, name := range slices.Sorted(maps.Keys(object)) {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendText(out, name)
		out = append(out, ':')
		out = appendCanonical(out, object[name])
	}
	return append(out, '}')
}

func appendText(out []byte, text string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\b':
			out = append(out, `\b`...)
		case '\f':
			out = append(out, `\f`...)
		case '\n':
			out = append(out, `\n`...)
		case '\r':
			out = append(out, `\r`...)
		case '\t':
			out = append(out, `\t`...)
		default:
			if c < ' ' {
				out = append(out, `\u00`...)
				out = append(out, hex[c>>4], hex[c&0xF])
				continue
			}
			out = append(out, c)
		}
	}
	return append(out, '"')
}
