// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"cmp"
	"context"

	"github.com/secretsync/secretsync/pkg/bootstrap/identity"
	"github.com/secretsync/secretsync/pkg/bootstrap/workflow"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// ownAudience is that of a token which only proves the environment to the helper itself.
const ownAudience = "secretsync-bootstrap"

// claims returns the verified claims of this run.
func (s *session) claims(ctx context.Context) (workflow.Claims, error) {
	_, claims, err := identity.Token(ctx, s.identity(), ownAudience)
	if err != nil {
		return workflow.Claims{}, err
	}
	return workflow.Claims{Environment: claims.Environment, Repository: claims.Repository, Event: claims.EventName}, nil
}

// vaultJWT returns a token of this run for the environment's Vault.
func (s *session) vaultJWT(ctx context.Context) (sensitive.Value, error) {
	raw, _, err := identity.Token(ctx, s.identity(), cmp.Or(s.target.Vault.Audience, s.target.Vault.Address))
	return raw, err
}

func (s *session) identity() identity.Options {
	token, _ := s.environment.Lookup(tokenRequestVariable)
	o := identity.Options{RequestURL: s.environment.Plain(tokenURLVariable), RequestToken: token, Clock: s.Clock}
	if s.target.GitHub != nil {
		o.Issuer = s.target.GitHub.Issuer
	}
	return o
}
