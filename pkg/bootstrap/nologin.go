// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// closed is a place on a server that nothing logs in to, as is usual before it exists.
type closed struct {
	name string
	why  error
}

var _ destination.Removable = closed{}

// Describe names the place.
func (c closed) Describe() string { return c.name }

// Observe says why it cannot be looked at.
func (c closed) Observe(context.Context) (destination.State, error) {
	return destination.State{}, c.why
}

// Write says why it cannot be written.
func (c closed) Write(context.Context, sensitive.Value, destination.State, destination.Owner) error {
	return c.why
}

// Remove says why it cannot be removed.
func (c closed) Remove(context.Context, destination.State) error { return c.why }

// List says why what is there cannot be listed.
func (c closed) List(context.Context, string) ([]destination.Found, error) { return nil, c.why }

// Issue says why nothing is issued.
func (c closed) Issue(context.Context) (sensitive.Value, error) { return sensitive.Value{}, c.why }

// Revoke says why nothing is revoked.
func (c closed) Revoke(context.Context, sensitive.Value) error { return c.why }
