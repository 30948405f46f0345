// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// AppRole issues secret IDs of one role, such as the one that the operator logs in with.
type AppRole struct {
	client *Client
	mount  string
	role   string
}

// AppRole returns the issuer of a role's secret IDs; an empty mount is "approle".
func (c *Client) AppRole(mount, role string) *AppRole {
	if mount == "" {
		mount = "approle"
	}
	return &AppRole{client: c, mount: mount, role: role}
}

func (a *AppRole) path() string { return "auth/" + a.mount + "/role/" + a.role }

// Issue makes another secret ID; the earlier ones stay valid.
func (a *AppRole) Issue(ctx context.Context) (sensitive.Value, error) {
	said, err := a.client.admin.Post(ctx, a.path()+"/secret-id", map[string]any{})
	if err != nil {
		return sensitive.Value{}, login.At("issuing a secret ID of "+a.path(), a.client.fault(ctx, err))
	}
	id := said.Text("secret_id")
	if id == "" {
		return sensitive.Value{}, fault.New(fault.NotFound, "NoRole", "issuing a secret ID of %s: there is no such role: vault write %s token_policies=... makes it", a.path(), a.path())
	}
	return sensitive.FromString(id), nil
}

// Revoke makes a secret ID useless; one that is none any more is no error. Tokens that were
// obtained with it stay valid until they end.
func (a *AppRole) Revoke(ctx context.Context, old sensitive.Value) error {
	body := map[string]any{"secret_id": string(old.Reveal())}
	known, err := a.client.admin.Post(ctx, a.path()+"/secret-id/lookup", body)
	if err == nil && known != nil {
		_, err = a.client.admin.Post(ctx, a.path()+"/secret-id/destroy", body)
	}
	if err != nil {
		return login.At("revoking the former secret ID of "+a.path(), a.client.fault(ctx, err))
	}
	return nil
}
