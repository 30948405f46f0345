// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/bootstrap/check"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func now() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

// certificate returns one that is good between two times.
func certificate(t *testing.T, from, to time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func token(t *testing.T, claims map[string]any) string {
	t.Helper()
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(body) + "." + encode([]byte("signature"))
}

func TestValue(t *testing.T) {
	day := 24 * time.Hour
	good := certificate(t, now().Add(-day), now().Add(10*day))
	cases := map[string]struct {
		check plan.Check
		value string
		want  string // the one check that fails; empty for none
	}{
		"Plain":             {value: "s3cr3t-Value"},
		"Mark":              {value: "\ufeffsecret1", want: "byteOrderMark"},
		"Mark16":            {value: "\xff\xfes\x00", want: "byteOrderMark"},
		"CRLF":              {value: "one\r\ntwo", want: "allowCRLF"},
		"CRLFAllowed":       {value: "one\r\ntwo", check: plan.Check{AllowCRLF: true}},
		"Newline":           {value: "abcdefg\n", want: "allowTrailingNewline"},
		"NewlineAllowed":    {value: "abcdefg\n", check: plan.Check{AllowTrailingNewline: true}},
		"InnerNewline":      {value: "abc\ndefg"},
		"ChangeMe":          {value: "changeme", want: "allowPlaceholder"},
		"ChangeMeLoud":      {value: "Change-Me!", want: "allowPlaceholder"},
		"Stars":             {value: "***", want: "allowPlaceholder"},
		"Expression":        {value: "${{ secrets.STRIPE_KEY }}", want: "allowPlaceholder"},
		"ExpressionInside":  {value: "Bearer ${{ secrets.STRIPE_KEY }}", want: "allowPlaceholder"},
		"Variable":          {value: "$STRIPE_KEY", want: "allowPlaceholder"},
		"VariableBraced":    {value: "${STRIPE_KEY}", want: "allowPlaceholder"},
		"VariableWindows":   {value: "%STRIPE_KEY%", want: "allowPlaceholder"},
		"DollarInside":      {value: "pa$$word-x"},
		"Angles":            {value: "<your-token>", want: "allowPlaceholder"},
		"Your":              {value: "your-api-key-here", want: "allowPlaceholder"},
		"Todo":              {value: " TODO ", want: "allowPlaceholder"},
		"Redacted":          {value: "[REDACTED]", want: "allowPlaceholder"},
		"PlaceholderOK":     {value: "changeme", check: plan.Check{AllowPlaceholder: true}},
		"Short":             {value: "abc", check: plan.Check{MinLength: 4}, want: "minLength"},
		"LongEnough":        {value: "abcd", check: plan.Check{MinLength: 4}},
		"Long":              {value: "abcde", check: plan.Check{MaxLength: 4}, want: "maxLength"},
		"Simple":            {value: strings.Repeat("a", 400), check: plan.Check{MinEntropy: 40}, want: "minEntropy"},
		"Complex":           {value: "k3J9xQ2mPz7LwT5v", check: plan.Check{MinEntropy: 40}},
		"Like":              {value: "sk_live_1", check: plan.Check{Pattern: "sk_live_[0-9]+"}},
		"LikeInside":        {value: "xsk_live_1", check: plan.Check{Pattern: "sk_live_[0-9]+"}, want: "pattern"},
		"LikeFirstLine":     {value: "sk_live_1\nx", check: plan.Check{Pattern: "sk_live_[0-9]+"}, want: "pattern"},
		"JSON":              {value: `{"a":1}`, check: plan.Check{Format: plan.FormatJSON}},
		"JSONCut":           {value: `{"a":1`, check: plan.Check{Format: plan.FormatJSON}, want: "format"},
		"URL":               {value: "postgres://me:p%40ss@db:5432/x", check: plan.Check{Format: plan.FormatURL}},
		"URLBroken":         {value: "postgres://me:p ss@db", check: plan.Check{Format: plan.FormatURL}, want: "format"},
		"URLRelative":       {value: "db/x", check: plan.Check{Format: plan.FormatURL}, want: "format"},
		"Base64":            {value: "aGVsbG8=", check: plan.Check{Format: plan.FormatBase64}},
		"Base64Cut":         {value: "aGVsbG8", check: plan.Check{Format: plan.FormatBase64}, want: "format"},
		"PEM":               {value: good, check: plan.Check{Format: plan.FormatPEM}},
		"PEMChain":          {value: good + good, check: plan.Check{Format: plan.FormatPEM}},
		"PEMCut":            {value: good + good[:len(good)/2], check: plan.Check{Format: plan.FormatPEM}, want: "format"},
		"PEMEscaped":        {value: strings.ReplaceAll(good, "\n", `\n`), check: plan.Check{Format: plan.FormatPEM}, want: "format"},
		"PEMNone":           {value: "abc", check: plan.Check{Format: plan.FormatPEM}, want: "format"},
		"CertificateOld":    {value: certificate(t, now().Add(-2*day), now().Add(-day)), check: plan.Check{Format: plan.FormatPEM}, want: "notExpiredFor"},
		"CertificateNew":    {value: certificate(t, now().Add(day), now().Add(2*day)), check: plan.Check{Format: plan.FormatPEM}, want: "notExpiredFor"},
		"CertificateEnding": {value: good, check: plan.Check{Format: plan.FormatPEM, NotExpiredFor: "241h"}, want: "notExpiredFor"},
		"CertificateFresh":  {value: good, check: plan.Check{Format: plan.FormatPEM, NotExpiredFor: "239h"}},
		"JWT":               {value: token(t, map[string]any{"exp": now().Add(time.Hour).Unix()}), check: plan.Check{Format: plan.FormatJWT}},
		"JWTForever":        {value: token(t, map[string]any{}), check: plan.Check{Format: plan.FormatJWT, NotExpiredFor: "24h"}},
		"JWTOld":            {value: token(t, map[string]any{"exp": now().Unix()}), check: plan.Check{Format: plan.FormatJWT}, want: "notExpiredFor"},
		"JWTEnding":         {value: token(t, map[string]any{"exp": now().Add(time.Hour).Unix()}), check: plan.Check{Format: plan.FormatJWT, NotExpiredFor: "2h"}, want: "notExpiredFor"},
		"JWTNone":           {value: "a.b", check: plan.Check{Format: plan.FormatJWT}, want: "format"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			found := check.Value(&tc.check, sensitive.FromString(tc.value), now())
			switch {
			case tc.want == "" && len(found) > 0:
				t.Errorf("found %v, want nothing", found)
			case tc.want != "" && (len(found) != 1 || found[0].Check != tc.want):
				t.Errorf("found %v, want %s", found, tc.want)
			}
		})
	}
}

// TestNothingShows: no finding has any four bytes in a row of the value.
func TestNothingShows(t *testing.T) {
	const value = "zq7!Xw9@Kj4#\r\nvB2$\n"
	minimum := plan.Check{MinLength: 99, MaxLength: 1, MinEntropy: 999, Pattern: "[0-9]+"}
	for _, format := range []plan.Format{plan.FormatPEM, plan.FormatJSON, plan.FormatURL, plan.FormatBase64, plan.FormatJWT} {
		minimum.Format = format
		text := fmt.Sprint(check.Value(&minimum, sensitive.FromString(value), now()))
		for i := range len(value) - 4 {
			if strings.Contains(text, value[i:i+4]) {
				t.Errorf("%q shows in %s", value[i:i+4], text)
			}
		}
	}
}

func TestRequired(t *testing.T) {
	for name, tc := range map[string]struct {
		check *plan.Check
		want  bool
	}{
		"None": {want: true}, "Unsaid": {check: &plan.Check{}, want: true},
		"Yes": {check: &plan.Check{Required: new(true)}, want: true}, "No": {check: &plan.Check{Required: new(false)}},
	} {
		if got := check.Required(tc.check); got != tc.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func FuzzValue(f *testing.F) {
	f.Add([]byte("changeme"), "PEM")
	f.Add([]byte("-----BEGIN A-----\nAAAA\n-----END A-----\n"), "PEM")
	f.Add([]byte("e30.e30.e30"), "JWT")
	f.Fuzz(func(_ *testing.T, value []byte, format string) {
		check.Value(&plan.Check{Format: plan.Format(format), MinEntropy: 3}, sensitive.New(value), now())
	})
}
