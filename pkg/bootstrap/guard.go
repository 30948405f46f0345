// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Variables that identify this run; they are for this process alone.
const (
	tokenRequestVariable   = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
	tokenURLVariable       = "ACTIONS_ID_TOKEN_REQUEST_URL"
	vaultTokenVariable     = "VAULT_TOKEN"
	infisicalTokenVariable = "INFISICAL_TOKEN"
)

// errGuarded is in the chain of the error about a run that may not act for the environment.
var errGuarded = errors.New("this run may not act for the environment")

// guard returns an error if this run may not act for the environment.
func (s *session) guard(ctx context.Context) error {
	if err := s.run.Trusted(); err != nil {
		return fmt.Errorf("%w: %w", errGuarded, err)
	}
	if s.flags.noOIDC {
		fmt.Fprintf(s.ErrOut, "WARNING: --no-oidc: nothing proves that this is environment %s; whoever holds its credentials may be holding another's\n", s.flags.environment)
		return nil
	}
	claims, err := s.claims(ctx)
	if fault.Is(err, fault.Unavailable) { // That is no refusal: the next run may be able to prove it.
		return fmt.Errorf("proving the environment: %w", err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errGuarded, err)
	}
	if err := s.run.May(claims, s.flags.environment, s.target); err != nil {
		return fmt.Errorf("%w: %w", errGuarded, err)
	}
	return nil
}
