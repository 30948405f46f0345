// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

// appRoleAuth logs in with a role ID and a secret ID.
type appRoleAuth struct {
	cfg  backend.Config
	spec *v1alpha1.VaultAppRoleAuth
	at   string
}

func (a *appRoleAuth) proof(ctx context.Context) (proof, error) {
	secretID, err := keptCredential(ctx, a.cfg, a.spec.SecretIDRef.Name, a.spec.SecretIDRef.Key)
	if err != nil {
		return proof{}, err
	}
	return proof{
		login:  map[string]string{"role_id": a.spec.RoleID, "secret_id": string(secretID.Reveal())},
		secret: secretID,
	}, nil
}

func (a *appRoleAuth) kept() bool    { return true }
func (a *appRoleAuth) mount() string { return a.at }

// who does not name the role ID: it is half of a credential.
func (a *appRoleAuth) who() string { return "the AppRole of spec.vault.auth.appRole.roleID" }

func (a *appRoleAuth) advice(*answer) string {
	return "check the role ID, and that the secret ID is of that role, neither expired nor used up nor bound to other addresses"
}
