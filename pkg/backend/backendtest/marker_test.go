// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// finds reports whether one of the marker's encodings is in a text.
func finds(text string) bool {
	for _, form := range Encodings(Marker) {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

func TestEncodingsAreFound(t *testing.T) {
	encoders := map[string]func(string) string{
		"Plain":     func(s string) string { return s },
		"Base64":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"Base64Raw": func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
		"Base64URL": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"Hex":       func(s string) string { return hex.EncodeToString([]byte(s)) },
		"HexUpper":  func(s string) string { return fmt.Sprintf("%X", s) },
		"Query":     url.QueryEscape,
		"Path":      url.PathEscape,
		"Quoted":    func(s string) string { return fmt.Sprintf("%q", s) },
		"JSON": func(s string) string {
			out, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		},
	}
	for name, encode := range encoders {
		t.Run(name, func(t *testing.T) {
			for before := range 4 {
				for after := range 4 {
					around := strings.Repeat("b", before) + Marker + strings.Repeat("a", after)
					if !finds(encode(around)) {
						t.Errorf("want the marker found %d bytes in and %d from the end", before, after)
					}
				}
			}
			if finds(encode("nothing of the kind")) {
				t.Error("want nothing found where nothing is")
			}
		})
	}
}

func TestEncodingsAreLongEnough(t *testing.T) {
	for _, form := range Encodings(Marker) {
		if len(form) < 12 {
			t.Errorf("want forms long enough to mean something, got %q", form)
		}
	}
}
