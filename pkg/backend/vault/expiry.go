// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
)

// noteToken tells from its look-up when a token ends that somebody else made.
func (id *identity) noteToken(lookup *answer) {
	if s := id.usable(); s == nil || s.ours {
		return
	}
	var said struct {
		Data *struct {
			ExpireTime string `json:"expire_time"`
		} `json:"data"`
	}
	if lookup.decode(&said) != nil || said.Data == nil {
		return
	}
	ends, err := time.Parse(time.RFC3339Nano, said.Data.ExpireTime)
	if err != nil {
		ends = time.Time{} // A root token has none.
	}
	id.observer.CredentialEnds(backend.CredentialToken, ends)
}

// reread reads a credential anew that a person may have replaced meanwhile: when it ends is
// told, and a ready token gives way to its successor.
func (id *identity) reread(ctx context.Context) {
	s := id.usable()
	if s == nil || !id.method.kept() {
		return
	}
	shown, err := id.proof(ctx)
	if err != nil || s.ours || shown.secret.Equal(s.token) {
		return
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	if id.current == s {
		id.current = nil
		close(s.replaced)
	}
}

// jwtEnds returns when a JWT expires, as it says itself; zero if it does not. Vault verifies
// it, not we.
func jwtEnds(token string) time.Time {
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
