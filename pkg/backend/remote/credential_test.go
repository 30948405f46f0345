// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"encoding/base64"
	"testing"
	"time"
)

func TestJWTEnds(t *testing.T) {
	jwt := func(payload string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
	}
	cases := map[string]struct {
		token string
		want  int64 // zero is none
	}{
		"Ends":       {jwt(`{"exp":1790000000}`), 1790000000},
		"Fraction":   {jwt(`{"exp":1790000000.9}`), 1790000000},
		"Never":      {jwt(`{"sub":"x"}`), 0},
		"Text":       {jwt(`{"exp":"soon"}`), 0},
		"Negative":   {jwt(`{"exp":-1}`), 0},
		"Huge":       {jwt(`{"exp":1e300}`), 0},
		"NoJSON":     {jwt(`exp`), 0},
		"NoBase64":   {"a.!.c", 0},
		"TwoParts":   {"a.b", 0},
		"NotAJWT":    {"hvs.token", 0},
		"Empty":      {"", 0},
		"NullClaims": {jwt(`null`), 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := time.Time{}
			if tc.want > 0 {
				want = time.Unix(tc.want, 0)
			}
			if got := JWTEnds(tc.token); !got.Equal(want) {
				t.Errorf("want %s, got %s", want, got)
			}
		})
	}
}
