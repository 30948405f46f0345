// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// alphabet of passwords: what no URL, shell or YAML gives a meaning to.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// Generate makes a value out of chance. What Vault issues is not made here.
func Generate(g plan.Generate, random io.Reader) (sensitive.Value, error) {
	var text string
	var err error
	switch {
	case g.Password > 0:
		text, err = password(g.Password, random)
	case g.Hex > 0:
		text, err = encoded(g.Hex, random, hex.EncodeToString)
	default:
		text, err = encoded(g.Base64, random, base64.StdEncoding.EncodeToString)
	}
	if err != nil {
		return sensitive.Value{}, fmt.Errorf("generating a value: %w", err)
	}
	return sensitive.FromString(text), nil
}

func encoded(n int, random io.Reader, encode func([]byte) string) (string, error) {
	content := make([]byte, n)
	if _, err := io.ReadFull(random, content); err != nil {
		return "", err
	}
	return encode(content), nil
}

// password takes each character with the same chance: bytes beyond the last whole multiple of
// the alphabet are thrown away.
func password(n int, random io.Reader) (string, error) {
	const fair = 256 - 256%len(alphabet)
	text, one := make([]byte, 0, n), make([]byte, 1)
	for len(text) < n {
		if _, err := io.ReadFull(random, one); err != nil {
			return "", err
		}
		if int(one[0]) < fair {
			text = append(text, alphabet[int(one[0])%len(alphabet)])
		}
	}
	return string(text), nil
}
