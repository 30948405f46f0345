// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"strings"

	backendvault "github.com/secretsync/secretsync/pkg/backend/vault"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
)

// fault returns an error of the backend in the words of a plan. A Vault that was never
// initialized calls itself sealed, too.
func (c *Client) fault(ctx context.Context, err error) error {
	if fault.ReasonOf(err) == backendvault.ReasonSealed {
		if seal, sealErr := c.admin.Seal(ctx); sealErr == nil && !seal.Initialized {
			err = fault.New(fault.Unavailable, backendvault.ReasonNotInitialized, "Vault is not initialized")
		}
	}
	return worded(err)
}

// worded returns an error of the backend in the words of a plan, with what people have to do at
// a Vault that is not ready.
func worded(err error) error {
	err = login.Reworded(err, strings.NewReplacer(
		`the token of Secret "/login"`, "the Vault token",
		"the JWT of spec.vault.auth.jwt.tokenRef", "the OIDC token of this run",
		"spec.vault.tls.caBundle or caRef says whom to trust", "the plan's vault.caFile says whom to trust",
		"; spec.vault.tls.serverName says which name to expect", "",
		"spec.vault.address", "the plan's vault.address",
		"; or set spec.vault.kvVersion", "",
		", which an operator cannot give", ", which the bootstrap helper cannot give",
		"spec.vault.mount", "mount",
	))
	switch fault.ReasonOf(err) {
	case backendvault.ReasonNotInitialized:
		return login.With(err, ": "+stepInit)
	case backendvault.ReasonSealed:
		return login.With(err, ": "+stepUnseal)
	}
	return err
}
