// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"

	"github.com/secretsync/secretsync/pkg/bootstrap/workflow"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// claims returns the verified claims of this run.
func (s *session) claims(context.Context) (workflow.Claims, error) {
	return workflow.Claims{}, fault.New(fault.Denied, "NoToken", "there is no OIDC token")
}

func (s *session) vaultJWT(context.Context) (sensitive.Value, error) { return sensitive.Value{}, nil }
