// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/template"
)

// FuzzTemplate holds for any template and value: it ends, with bounded output or a classed
// error, the same each time, and no error repeats a value.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{
		"{{ .user }}", "{{ range 99999999 }}{{ end }}", "{{ printf \"%d %s\" .user 1 }}", "{{ index . .user }}",
		"{{ .user | fromJson | toYaml }}", "{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}",
		"{{ range $k, $v := . }}{{ $k }}={{ $v | quote }}{{ end }}", "{{ dict .user . | toToml }}",
		"{{ regexReplaceAll .user .user .user }}", "{{ pkcs12 .user .user .user }}", "{{ fromYaml (print \"a: &x \" .user \"\\nb: *x\") }}",
		"{{ $x := list . }}{{ range 30 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}", "{{ eq .user . }}", "{{ len 3 }}",
		"{{ slice .user 1 99 }}", "{{ (.user).x.y }}", "{{ .user.Len }}", "{{ with $y := .user }}{{ $y.z }}{{ end }}", "{{ .user 1 }}",
		"{{ jwkToPem .user }}", "{{ certChain .user }}", "{{ jksTrust .user .user }}", "{{ htpasswd .user .user }}", "{{ toIni (dict .user .) }}",
		"{{ toProperties . }}", "{{ dockerConfig .user .user .user }}", "{{ dig .user .user . }}", "{{ fromToml .user | toToml }}", "{{ split .user .user }}",
		"{{ block .user . }}{{ end }}", "{{ fail .user }}", "{{ merge . (dict .user .user) }}", "{{ slice (list .user) 0 9 }}", "{{ printf .user .user }}",
		"{{ and .user . }}", "{{ not .user | repeat 3 }}", "{{ html . }}", "{{ template .user }}", "{{ break }}", "{{ range . }}{{ continue }}{{ end }}",
	} {
		f.Add(text, marker)
		f.Add(text, "{\""+marker+"\": [1, null]}")
	}
	const part = 64 // Of what templates may cost, so that more are tried.
	f.Fuzz(func(t *testing.T, text, value string) {
		if strings.Contains(text, value) || len(value) < 8 {
			value = marker + value
		}
		values := map[string]string{"user": value}
		first, err := renderPart(part, text, values)
		second, again := renderPart(part, text, values)
		if first != second || (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Fatalf("%q renders to %q, %v and then to %q, %v", text, first, err, second, again)
		}
		if len(first) > 1<<20 {
			t.Fatalf("%q renders to %d bytes", text, len(first))
		}
		if err != nil && !strings.Contains(text, marker) && strings.Contains(err.Error(), marker) {
			t.Fatalf("%q fails with the value in the error: %v", text, err)
		}
		if err != nil && (!fault.Is(err, fault.InvalidSpec, fault.InvalidContent) || len(err.Error()) > 1000) {
			t.Fatalf("%q fails with %v", text, err)
		}
	})
}

// FuzzObject holds for any output of an object template.
func FuzzObject(f *testing.F) {
	for _, text := range []string{"a: 1", "{}", "[]", "a: &x 1\nb: *x", "? [a]\n: b", "a: null", "<<: {a: b}", "a: !!binary aGk=", "---\na: 1\n---\n", "a: 0123", "\"\\ud800\": 1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := template.Parse([]template.Text{{Place: "spec.template.object", Text: "{{ .text }}"}})
		if err != nil {
			t.Fatal(err)
		}
		made, err := set.Render(names(), valuesOf(map[string]string{"text": text}))
		if err != nil && !fault.Is(err, fault.InvalidContent) {
			t.Fatalf("%q fails with %v", text, err)
		}
		for key := range made {
			if !utf8.ValidString(key) {
				t.Fatalf("%q has the key %q", text, key)
			}
		}
	})
}

// TestEscapesAreUndone: whatever the value, what reads the notation gets it back.
func TestEscapesAreUndone(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("a'\"\\$`\n\r\t =:#!é😀{}[],&*?|->%@0~"))))
	for name, through := range map[string]string{
		"JSON":    "{{ (dict .v .v | toJson | fromJson) | values | first }}",
		"YAML":    "{{ (dict .v .v | toYaml | fromYaml) | values | first }}",
		"TOML":    "{{ (dict .v .v | toToml | fromToml) | values | first }}",
		"Base64":  "{{ .v | b64enc | b64dec }}",
		"Base32":  "{{ .v | b32enc | b32dec }}",
		"Hex":     "{{ .v | hexenc | hexdec }}",
		"Literal": "{{ .v }}",
	} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			value := text.Draw(t, "value")
			if got, err := renderOne(through, map[string]string{"v": value}); err != nil || got != value {
				t.Fatalf("%q comes back as %q, %v", value, got, err)
			}
		}))
	}
}
