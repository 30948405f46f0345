// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"errors"
	"strings"

	backendvault "github.com/secretsync/secretsync/pkg/backend/vault"
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

// worded returns an error of the backend in the words of a plan: there a SecretBackend is
// spoken of, and the operator's flags.
func worded(err error) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	text := strings.NewReplacer(
		`key "token" of Secret "/login" is empty or holds characters that no token has`,
		"there is no usable login: run where an OIDC token of the run can be had, or give a Vault token",
		`the token of Secret "/login"`, "the Vault token",
		"the JWT of spec.vault.auth.jwt.tokenRef", "the OIDC token of this run",
		"; the operator's flag --allow-http-backends permits http", ", except at a loopback address",
		"spec.vault.tls.caBundle or caRef says whom to trust", "the plan's vault.caFile says whom to trust",
		"; spec.vault.tls.serverName says which name to expect", "",
		"spec.vault.address", "the plan's vault.address",
		"within spec.limits.timeout", "in time",
		"; or set spec.vault.kvVersion", "",
		", which an operator cannot give", ", which the bootstrap helper cannot give",
		"spec.vault.mount", "mount",
	).Replace(f.Message)
	switch f.Reason {
	case backendvault.ReasonNotInitialized:
		text += ": " + stepInit
	case backendvault.ReasonSealed:
		text += ": " + stepUnseal
	}
	return rewritten(f, text)
}

// prefixed returns an error with the place before its message.
func prefixed(place string, err error) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	return rewritten(f, place+": "+f.Message)
}

// rewritten returns an error with another message.
func rewritten(f *fault.Error, message string) error {
	again := fault.New(f.Class, f.Reason, "%s", message).After(f.RetryAfter)
	if cause := errors.Unwrap(f); cause != nil {
		return again.Because(cause)
	}
	return again
}
