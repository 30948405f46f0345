// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package marker_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/test/marker"
)

// encoders are ways in which a program could let a value out.
func encoders() map[string]func(string) string {
	std, raw := base64.StdEncoding, base64.RawURLEncoding
	return map[string]func(string) string{
		"Plain":      func(s string) string { return s },
		"Base64":     func(s string) string { return std.EncodeToString([]byte(s)) },
		"Base64Raw":  func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
		"Base64URL":  func(s string) string { return raw.EncodeToString([]byte(s)) },
		"Twice":      func(s string) string { return std.EncodeToString([]byte("b" + std.EncodeToString([]byte(s)))) },
		"TwiceURL":   func(s string) string { return raw.EncodeToString([]byte("ba" + raw.EncodeToString([]byte(s)))) },
		"Hex":        func(s string) string { return hex.EncodeToString([]byte(s)) },
		"HexUpper":   func(s string) string { return fmt.Sprintf("%X", s) },
		"HexSpaced":  func(s string) string { return fmt.Sprintf("% x", s) },
		"Bytes":      func(s string) string { return fmt.Sprint([]byte(s)) },
		"BytesInGo":  func(s string) string { return fmt.Sprintf("%#v", []byte(s)) },
		"Numbers":    func(s string) string { return mustJSON(numbers(s)) },
		"Query":      url.QueryEscape,
		"Path":       url.PathEscape,
		"HTML":       html.EscapeString,
		"Quoted":     func(s string) string { return fmt.Sprintf("%q", s) },
		"QuotedText": func(s string) string { return fmt.Sprintf("%+q", s) },
		"JSON":       func(s string) string { return mustJSON(s) },
		"JSONTwice":  func(s string) string { return mustJSON(mustJSON(s)) },
		"JSONBytes":  func(s string) string { return mustJSON([]byte(s)) },
	}
}

func numbers(s string) []int {
	list := make([]int, 0, len(s))
	for _, b := range []byte(s) {
		list = append(list, int(b))
	}
	return list
}

func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestFindsEveryEncodingAtEveryAlignment(t *testing.T) {
	var set marker.Set
	values := map[string]string{
		"text": set.Text("text"), "token": set.Token("token"), "number": set.Number("number"),
		"foreign": "hvs.CAESI-J_3/x+y==.z",
	}
	set.Add("foreign", values["foreign"])
	for name, encode := range encoders() {
		for kind, value := range values {
			if kind == "foreign" && name == "JSONTwice" {
				continue // It has nothing to escape, so this is Plain.
			}
			t.Run(name+"/"+kind, func(t *testing.T) {
				for before := range 4 {
					for after := range 4 {
						text := encode(strings.Repeat("b", before) + value + strings.Repeat("a", after))
						found := set.Find("xyz " + text + " xyz")
						if len(found) != 1 || found[0].Marker != kind {
							t.Errorf("want %q found %d bytes in and %d from the end of %q, got %v", kind, before, after, text, found)
						}
					}
				}
			})
		}
	}
}

func TestFindsPartsOfAText(t *testing.T) {
	var set marker.Set
	value := set.Text("text")
	for _, part := range []string{value[:len(value)-4], value[4:]} {
		if found := set.Find(part); len(found) != 1 {
			t.Errorf("want the marker found in %q, got %v", part, found)
		}
	}
}

func TestFindsNothingWhereNothingIs(t *testing.T) {
	var set, other marker.Set
	set.Text("text")
	set.Number("number")
	for name, encode := range encoders() {
		text := encode(other.Text("other") + other.Number("other number") + strings.Repeat("nothing of the kind ", 100))
		if found := set.Find(text); len(found) > 0 {
			t.Errorf("%s: want nothing, got %v", name, found)
		}
	}
}

func TestFindingShowsWhere(t *testing.T) {
	var set marker.Set
	value := set.Token("the token")
	found := set.Find("the log says " + hex.EncodeToString([]byte(value)) + " here")
	if len(found) != 1 {
		t.Fatalf("want one finding, got %v", found)
	}
	for _, want := range []string{"the token", "hex", "the log says ", " here"} {
		if !strings.Contains(found[0].String(), want) {
			t.Errorf("want %q in %q", want, found[0])
		}
	}
}

func TestFormsAreLongEnough(t *testing.T) {
	var set marker.Set
	for name, form := range marker.Forms(set.Token("token")) {
		if len(form) < 12 {
			t.Errorf("%s: want a form long enough to mean something, got %q", name, form)
		}
	}
}

func TestShortMarkersAreRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("want a panic")
		}
	}()
	new(marker.Set).Add("short", "1234567")
}

func TestTheShortestIsFoundInEachForm(t *testing.T) {
	const value = "1a2b3c4d"
	var set marker.Set
	set.Add("shortest", value)
	for name, form := range marker.Forms(value) {
		if found := set.Find("." + form + "."); len(found) != 1 {
			t.Errorf("%s: want it found in %q, got %v", name, form, found)
		}
	}
}
