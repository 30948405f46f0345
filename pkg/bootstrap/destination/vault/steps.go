// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
)

// What only people do, because whoever does it sees the keys to everything.
const (
	stepInit = "initialize it (vault operator init), keep the unseal keys and the root token apart from each other and from this plan, and unseal it (vault operator unseal)"

	stepUnseal = "unseal it (vault operator unseal) with the keys of its initialization"

	stepRoot = "the login is a root token: once operator access and the roles of pipelines exist, log in with one of those and revoke it (vault token revoke -self)"
)

// NextSteps says what people have to do at this Vault now, in order; none if nothing. A Vault
// that does not answer yet is an Unavailable. It does none of the steps.
func (c *Client) NextSteps(ctx context.Context) ([]string, error) {
	seal, err := c.admin.Seal(ctx)
	if err != nil {
		return nil, login.At("Vault at "+c.address, worded(err))
	}
	switch {
	case !seal.Initialized:
		return []string{"Vault at " + c.address + " is not initialized: " + stepInit}, nil
	case seal.Sealed:
		return []string{"Vault at " + c.address + " is sealed: " + stepUnseal}, nil
	}
	root, err := c.admin.Root(ctx)
	if fault.Is(err, fault.Denied) { // A token that may not even look at itself is no root token.
		return nil, nil
	}
	if err != nil {
		return nil, login.At("Vault at "+c.address, worded(err))
	}
	if root {
		return []string{"Vault at " + c.address + ": " + stepRoot}, nil
	}
	return nil, nil
}
