// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
)

// Item is one value at one place.
type Item struct {
	// Value and Stage are the names of both.
	Value, Stage string
	// Place is where it goes.
	Place destination.Destination
	// Mode says what happens to what is there.
	Mode plan.WriteMode
	// Owner is who is recorded as the writer, but for the time.
	Owner destination.Owner
	// Generated says that the value comes from no source, Anchor that it is copied from here.
	Generated, Anchor bool
	// LookOnly says that the stage is not asked for: what an anchor holds is learnt, and no more.
	LookOnly bool
}

// Action is what is to be done with an item.
type Action string

// The actions.
const (
	// Create writes where nothing is.
	Create Action = "Create"
	// Change writes over what is there.
	Change Action = "Change"
	// Keep writes nothing.
	Keep Action = "Keep"
	// Refuse writes nothing, because something must be put right first.
	Refuse Action = "Refuse"
	// Unreachable writes nothing, because the place cannot be reached yet.
	Unreachable Action = "Unreachable"
)

// Writes reports whether the action writes.
func (a Action) Writes() bool { return a == Create || a == Change }

// Step is an item with what is there and what is to be done.
type Step struct {
	Item

	// Observed is what is there.
	Observed destination.State
	// Action is what is to be done, and Reason why.
	Action Action
	Reason string
	// Err is why the place could not be looked at.
	Err error
}
