// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/revision"
)

func TestParseSecretName(t *testing.T) {
	type parsed struct {
		name   string
		number int64
		ok     bool
	}
	cases := map[string]struct {
		reason string
		secret string
		want   parsed
	}{
		"Plain":        {secret: "app.r1", want: parsed{"app", 1, true}},
		"Large":        {secret: "app.r99999999999", want: parsed{"app", revision.MaxNumber, true}},
		"DotsInName":   {secret: "a.b.r12", want: parsed{"a.b", 12, true}},
		"NameEndsInR":  {secret: "a.r.r3", want: parsed{"a.r", 3, true}},
		"NameLikeOurs": {reason: "the last part counts", secret: "a.r1.r2", want: parsed{"a.r1", 2, true}},
		"LetterAfterR": {reason: "the name has a part that begins with r", secret: "a.red.r2", want: parsed{"a.red", 2, true}},
		"Empty":        {secret: ""},
		"NoNumber":     {secret: "app.r"},
		"NoName":       {secret: ".r1"},
		"OtherSecret":  {secret: "app"},
		"Zero":         {reason: "numbers start at 1", secret: "app.r0"},
		"LeadingZero":  {reason: "two names must not mean one revision", secret: "app.r01"},
		"Sign":         {secret: "app.r+1"},
		"Negative":     {secret: "app.r-1"},
		"Hex":          {secret: "app.r0x1"},
		"Underscore":   {secret: "app.r1_000"},
		"OtherDigits":  {reason: "only ASCII digits", secret: "app.r\u0661"},
		"TooLarge":     {reason: "a forged number must not leave none to count on with", secret: "app.r100000000000"},
		"MaxInt64":     {secret: "app.r9223372036854775807"},
		"Overflow":     {secret: "app.r9223372036854775808"},
		"UpperCase":    {secret: "app.R1"},
		"Trailing":     {secret: "app.r1x"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got parsed
			got.name, got.number, got.ok = revision.ParseSecretName(tc.secret)
			if got != tc.want {
				t.Errorf("ParseSecretName(%q) = %+v, want %+v: %s", tc.secret, got, tc.want, tc.reason)
			}
		})
	}
}

func TestSecretNameRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := revision.ID{
			Namespace: "ns",
			Name:      rapid.StringMatching(`[a-z0-9]([a-z0-9.r-]{0,238}[a-z0-9])?`).Draw(t, "name"),
			Number:    rapid.Int64Range(1, revision.MaxNumber).Draw(t, "number"),
		}
		name, number, ok := revision.ParseSecretName(id.SecretName())
		if !ok || name != id.Name || number != id.Number {
			t.Fatalf("%q parses as %q, %d, %t", id.SecretName(), name, number, ok)
		}
		if !strings.Contains(id.Name, "..") && !strings.Contains(id.Name, "-.") && !strings.Contains(id.Name, ".-") {
			if problems := validation.IsDNS1123Subdomain(id.SecretName()); len(problems) > 0 {
				t.Fatalf("%q is no name of a Secret: %v", id.SecretName(), problems)
			}
		}
	})
}

// FuzzParseSecretName holds for any name: what parses is written back as it was.
func FuzzParseSecretName(f *testing.F) {
	for _, name := range []string{"app.r1", "a.r.r2", ".r1", "app.r01", "app.r9223372036854775808", ".r.r1"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, secret string) {
		name, number, ok := revision.ParseSecretName(secret)
		if !ok {
			if name != "" || number != 0 {
				t.Fatalf("refused, and yet %q, %d", name, number)
			}
			return
		}
		if back := (revision.ID{Name: name, Number: number}).SecretName(); back != secret {
			t.Fatalf("%q parses as %q, %d, which is %q", secret, name, number, back)
		}
		if name == "" || number < 1 || number > revision.MaxNumber {
			t.Fatalf("%q parses as %q, %d", secret, name, number)
		}
	})
}
