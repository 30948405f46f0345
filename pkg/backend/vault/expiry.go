// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
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
