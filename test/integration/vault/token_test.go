// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"testing"

	"github.com/hashicorp/vault/api"
)

// newToken makes a token as an administrator would hand out.
func (w *world) newToken(t *testing.T) string {
	t.Helper()
	made, err := w.vault.Root().Auth().Token().CreateWithContext(t.Context(), &api.TokenCreateRequest{
		Policies: []string{policy}, TTL: "1h",
	})
	must(t, err)
	return made.Auth.ClientToken
}
