// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Secrets reads credentials; a backend.CredentialSource does.
type Secrets interface {
	// SecretKey returns one key of a Secret that its owner offers as a credential.
	SecretKey(ctx context.Context, namespace, name, key string) (sensitive.Value, error)
}

// Reasons of InvalidSpec errors.
const (
	reasonInvalidCredential = "InvalidCredential"
)

// KeptCredential reads a credential that a person put into a Secret. Whitespace around it,
// as editors and shells leave it, is not part of it. Errors: those of Secrets, InvalidSpec.
func KeptCredential(ctx context.Context, secrets Secrets, namespace, name, key string) (sensitive.Value, error) {
	value, err := secrets.SecretKey(ctx, namespace, name, key)
	if err != nil {
		return sensitive.Value{}, err //nolint:wrapcheck // classed and complete
	}
	text := strings.TrimSpace(string(value.Reveal()))
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, reasonInvalidCredential,
			"key %q of Secret %q is empty or holds characters that no token has", key, namespace+"/"+name)
	}
	return sensitive.FromString(text), nil
}

// JWTEnds returns when a JWT expires, as it says itself; zero if it does not. The server
// verifies it, not we.
func JWTEnds(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}
	}
	var claims struct {
		Expires *float64 `json:"exp"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Expires == nil || *claims.Expires <= 0 || *claims.Expires > 1<<40 {
		return time.Time{}
	}
	return time.Unix(int64(*claims.Expires), 0)
}
