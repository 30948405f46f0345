// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// Marker is part of every value that the contract writes. Its characters change under each
// encoding that is searched for.
const Marker = "m4rk3r<&\"é+/?>"

// Encodings returns the forms in which a value could show in a text: as it is, base64 at
// its three alignments (standard and URL alphabet), hex, URL- and JSON-escaped.
func Encodings(value string) []string {
	forms := []string{
		value,
		hex.EncodeToString([]byte(value)),
		strings.ToUpper(hex.EncodeToString([]byte(value))),
		url.QueryEscape(value),
		url.PathEscape(value),
		strings.Trim(Text(value), `"`),
		strings.Trim(fmt.Sprintf("%q", value), `"`),
	}
	for shift := range 3 {
		// The groups of four that hold bytes of the value alone are the same whatever
		// stands around it.
		padded := append(make([]byte, shift), value...)
		whole := len(padded) / 3 * 3
		skip := (shift + 2) / 3 * 4
		forms = append(forms,
			base64.StdEncoding.EncodeToString(padded[:whole])[skip:],
			base64.URLEncoding.EncodeToString(padded[:whole])[skip:])
	}
	return forms
}

// WantNoMarker fails the test if a text holds the marker in any encoding.
func WantNoMarker(tb testing.TB, where, text string) {
	tb.Helper()
	for _, form := range Encodings(Marker) {
		if strings.Contains(text, form) {
			tb.Errorf("%s holds a secret value", where)
			return
		}
	}
}

// wantNoMarker searches all that an error says.
func wantNoMarker(t *testing.T, err error) {
	t.Helper()
	for _, format := range []string{"%s", "%v", "%+v", "%#v"} {
		WantNoMarker(t, "an error", fmt.Sprintf(format, err))
	}
}

// sameJSON reports whether two JSON texts mean the same, numbers digit by digit.
func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var values [2]any
	for i, text := range [][]byte{a, b} {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&values[i]); err != nil {
			t.Errorf("want JSON, got %d bytes that are none", len(text))
			return false
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}

func fnv64(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // A hash never fails.
	return h.Sum64()
}
