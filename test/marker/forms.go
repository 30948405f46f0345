// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package marker

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
)

// Forms returns the texts that a value can show as, whatever stands around it, by the name
// of the encoding: as it is, escaped for JSON, Go, URLs and HTML, as hex digits, as the lists
// of numbers that Go prints of bytes, and in base64, once and twice, at its three alignments.
func Forms(value string) map[string]string {
	bytes := []byte(value)
	forms := map[string]string{
		"plain":           value,
		"JSON":            jsonText(value),
		"Go string":       strings.Trim(fmt.Sprintf("%q", value), `"`),
		"Go ASCII string": strings.Trim(fmt.Sprintf("%+q", value), `"`),
		"URL query":       url.QueryEscape(value),
		"URL path":        url.PathEscape(value),
		"HTML":            html.EscapeString(value),
		"hex":             hex.EncodeToString(bytes),
		"upper-case hex":  strings.ToUpper(hex.EncodeToString(bytes)),
		"spaced hex":      fmt.Sprintf("% x", bytes),
		"Go bytes":        strings.Trim(fmt.Sprintf("%v", bytes), "[]"),
		"JSON bytes":      strings.Join(strings.Fields(strings.Trim(fmt.Sprint(bytes), "[]")), ","),
		"Go syntax bytes": strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", bytes), "[]byte{"), "}"),
	}
	for name, text := range aligned(bytes) {
		forms[name] = text
		for again, twice := range aligned([]byte(text)) {
			forms[name+", then "+again] = twice
		}
	}
	return forms
}

// jsonText escapes as encoding/json does, which also escapes what HTML would read.
func jsonText(value string) string {
	text, err := json.Marshal(value)
	if err != nil { // A string always encodes.
		panic("encoding a text: " + err.Error())
	}
	return string(text[1 : len(text)-1])
}

// aligned returns the base64 of bytes in both alphabets for each of the three places at which
// they can begin in a group of three. Only the groups that hold nothing else count: they are
// the same whatever stands before and behind.
func aligned(bytes []byte) map[string]string {
	forms := map[string]string{}
	for shift := range 3 {
		padded := append(make([]byte, shift), bytes...)
		whole := len(padded) / 3 * 3
		skip := (shift + 2) / 3 * 4
		if whole/3*4 <= skip {
			continue
		}
		forms[fmt.Sprintf("base64 at %d", shift)] = base64.StdEncoding.EncodeToString(padded[:whole])[skip:]
		forms[fmt.Sprintf("base64 for URLs at %d", shift)] = base64.URLEncoding.EncodeToString(padded[:whole])[skip:]
	}
	return forms
}
