// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"

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

// words are those of the plan.
func words() login.Plan { return login.Plan{Name: "Vault", Field: "vault"} }

// worded returns an error of the backend in the words of a plan, with what people have to do at
// a Vault that is not ready.
func worded(err error) error {
	err = words().Reworded(err)
	switch fault.ReasonOf(err) {
	case backendvault.ReasonNotInitialized:
		return login.With(err, ": "+stepInit)
	case backendvault.ReasonSealed:
		return login.With(err, ": "+stepUnseal)
	}
	return err
}
