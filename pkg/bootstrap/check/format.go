// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
)

// shapeless says how a value misses its format. The parsers' own errors quote what they
// read, so they are not passed on.
func shapeless(c *plan.Check, text []byte, _ time.Time) string {
	switch c.Format {
	case plan.FormatPEM:
		return notPEM(text)
	case plan.FormatJSON:
		if !json.Valid(text) {
			return "is no JSON: is it cut off, or quoted twice?"
		}
	case plan.FormatURL:
		if !isURL(text) {
			return "is no URL with scheme and host: encode special characters of user and password (%40 for @)"
		}
	case plan.FormatBase64:
		if !isBase64(text) {
			return "is no base64, in the standard alphabet with padding"
		}
	case plan.FormatJWT:
		if _, ok := claims(text); !ok {
			return "is no JWT: three parts in base64url, divided by dots"
		}
	}
	return ""
}

func isURL(text []byte) bool {
	u, err := url.Parse(string(text))
	return err == nil && u.Scheme != "" && u.Host != ""
}

func isBase64(text []byte) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(string(bytes.TrimRight(text, "\n")))
	return err == nil && len(text) > 0
}

func notPEM(text []byte) string {
	blocks, rest := 0, text
	for {
		block, after := pem.Decode(rest)
		if block == nil {
			break
		}
		blocks, rest = blocks+1, after
	}
	switch {
	case blocks == 0 && bytes.Contains(text, []byte(`\n`)):
		return `is no PEM: it has \n as two characters where line ends should be`
	case blocks == 0:
		return "is no PEM: are the lines with BEGIN and END there, and are the line ends?"
	case len(bytes.TrimSpace(rest)) > 0:
		return "has something behind its last PEM block: is that cut off?"
	}
	return ""
}

// validity is from when to when something is good; a zero time is no limit.
type validity struct{ from, to time.Time }

func expired(c *plan.Check, text []byte, now time.Time) string {
	var times []validity
	what := ""
	switch c.Format { //nolint:exhaustive // the others do not expire
	case plan.FormatPEM:
		what, times = "certificate", certificates(text)
	case plan.FormatJWT:
		if found, ok := claims(text); ok {
			what, times = "token", []validity{found}
		}
	}
	margin, err := time.ParseDuration(c.NotExpiredFor)
	if err != nil {
		margin = 0
	}
	for _, v := range times {
		switch {
		case !v.to.IsZero() && !v.to.After(now):
			return "holds a " + what + " that has expired: renew it"
		case !v.to.IsZero() && !v.to.After(now.Add(margin)):
			return "holds a " + what + " that expires within " + c.NotExpiredFor + ": renew it"
		case v.from.After(now):
			return "holds a " + what + " that is not good yet: is this machine's clock right?"
		}
	}
	return ""
}

func certificates(text []byte) []validity {
	var found []validity
	for rest := text; ; {
		block, after := pem.Decode(rest)
		if block == nil {
			return found
		}
		rest = after
		if certificate, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			found = append(found, validity{from: certificate.NotBefore, to: certificate.NotAfter})
		}
	}
}

// claims returns the validity of a JWT. Its signature is for whoever accepts it to verify.
func claims(text []byte) (validity, bool) {
	parts := strings.Split(strings.TrimRight(string(text), "\n"), ".")
	if len(parts) != 3 {
		return validity{}, false
	}
	var header map[string]any
	var body struct {
		Expires   *float64 `json:"exp"`
		NotBefore *float64 `json:"nbf"`
	}
	for i, into := range []any{&header, &body} {
		decoded, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(decoded, into) != nil {
			return validity{}, false
		}
	}
	return validity{from: seconds(body.NotBefore), to: seconds(body.Expires)}, true
}

func seconds(n *float64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return time.Unix(int64(*n), 0)
}
