// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Probe proves that the identity is accepted, and that project and environment are there, as
// far as the identity may know.
func (b *infisical) Probe(ctx context.Context) error {
	b.identity.reread(ctx)
	err := b.ProveContainer(ctx, backend.EntryRef{})
	switch fault.ReasonOf(err) {
	case ReasonNoMember, reasonNotTold:
		// The token was accepted. What it may read shows when it is read.
		return nil
	}
	return err
}

// ProveContainer returns nil if project and environment are there. A folder that is missing
// and an environment that is, read the same.
func (b *infisical) ProveContainer(ctx context.Context, _ backend.EntryRef) error {
	info, err := b.lookUp(ctx)
	if err != nil {
		return err
	}
	return b.checkEnvironment(info, b.selection.environment)
}

// Capabilities are the same always.
func (b *infisical) Capabilities() backend.Capabilities { return capabilities() }

// Close revokes the token if it was obtained by logging in, and closes the connections.
func (b *infisical) Close(ctx context.Context) error {
	defer b.client.remote.Close()
	return b.identity.close(ctx)
}
