// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"net/http"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
)

// Probe logs in if nobody is logged in, which proves everything, and looks its own token up
// otherwise. A credential that a person replaced is noticed, though the old one still works.
func (v *vault) Probe(ctx context.Context) error {
	id := v.identity
	id.reread(ctx)
	if s := id.usable(); s == nil {
		s, err := id.session(ctx)
		if err != nil || s.ours {
			return err
		}
	}
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: "auth/token/lookup-self", namespace: id.namespace})
	if err != nil {
		return err
	}
	switch got.Status {
	case http.StatusOK:
		id.noteToken(got)
		return nil
	case http.StatusForbidden:
		// A token that is refused its own lookup, and is not refused as such, lacks the
		// default policy; it was accepted all the same.
		return nil
	}
	return remote.Unavailable(remote.ReasonServerError, "looking up the token: Vault answers HTTP %d", got.Status)
}

// Capabilities says that versions can be pinned once the mount is known to be KV version 2.
func (v *vault) Capabilities() backend.Capabilities {
	if v.engine.known() == v1alpha1.KVVersion2 {
		return backend.Capabilities{backend.ContainerProof, backend.Listing, backend.TypedValues, backend.Versions}
	}
	return backend.Capabilities{backend.ContainerProof, backend.Listing, backend.TypedValues}
}

// Close ends renewals, revokes the token if it was obtained by logging in, and closes the
// connections.
func (v *vault) Close(ctx context.Context) error {
	defer v.client.remote.Close()
	return v.identity.close(ctx)
}
