// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package destination owns the contract between the bootstrap helper and the places that
// it fills: what a place holds, who wrote it, and writing it only as long as nobody else
// has in between. It must not import a place's client, read the environment, or decide
// whether a value is to be written; the packages below it are the places.
package destination

import (
	"context"

	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Destination is one place where one value goes. Every error is classed with pkg/fault,
// its message naming the place and the remedy, free of secret bytes. It makes no retry of
// its own and ends with ctx.
type Destination interface {
	// Describe names the place for people, never the value: "vault secret/payments/stripe
	// field key".
	Describe() string

	// Observe reads what is there now and changes nothing. That nothing is there is no error.
	// Errors: Unavailable (not reachable yet: a later stage), Denied, Rejected, NotFound (what
	// has to hold the place is missing, such as a namespace or a mount), InvalidSpec.
	Observe(ctx context.Context) (State, error)

	// Write puts the value there, provided that the place still is as observed. Errors are
	// Observe's, and Conflict (it changed since; nothing was written) and NotOwned (somebody
	// else holds the place and did not give it away; nothing was written).
	Write(ctx context.Context, value sensitive.Value, observed State, owner Owner) error
}

// Remover is the capability to take away what was written.
type Remover interface {
	// Remove takes the value away and leaves its neighbours, provided that the place still is
	// as observed; that nothing is there is no error. Its errors are Write's. It does not look
	// at the owner: the caller has compared observed.Owner.
	Remove(ctx context.Context, observed State) error
}

// Removable is a place whose value can be taken away.
type Removable interface {
	Destination
	Remover
}

// Lister is the capability to find what was written, by what is recorded there and without
// any source value.
type Lister interface {
	// List returns every place that this Lister is for and that one plan wrote to, sorted by
	// its description. Its errors are Observe's.
	List(ctx context.Context, plan string) ([]Found, error)
}

// Found is a place that was written to.
type Found struct {
	// Place is where; Observe it before it is removed.
	Place Removable
	// Owner is who wrote it.
	Owner Owner
}

// State is what a destination holds now.
type State struct {
	// Exists says that something is there.
	Exists bool
	// Readable says that what is there can be read back: Value is meaningful.
	Readable bool
	// Value is what is there, if it Exists and is Readable.
	Value sensitive.Value
	// Version is what a check-and-set write must name: opaque to callers, and empty where
	// the place has none. A place that does not exist yet may have one.
	Version string
	// Owner is who wrote it, as recorded there; the zero Owner if nobody is recorded.
	Owner Owner
}
