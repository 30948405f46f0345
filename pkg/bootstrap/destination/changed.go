// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package destination

import (
	"fmt"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of errors that every place has.
const (
	// ReasonChanged: the place does not hold any more what was observed. A Conflict.
	ReasonChanged = "ChangedSince"
	// ReasonOtherOwner: another value is recorded as what stands there. A NotOwned.
	ReasonOtherOwner = "OtherOwner"
)

// CheckUnchanged returns a Conflict if a place does not hold any more what was observed. It
// compares what is there and not its version, so that neighbours may change.
func CheckUnchanged(place string, observed, now State) error {
	if observed.Exists == now.Exists && (!now.Exists || observed.Value.Equal(now.Value)) {
		return nil
	}
	return fault.New(fault.Conflict, ReasonChanged,
		"%s was changed by somebody else meanwhile, and nothing was written there: run the command again", place)
}

// CheckOwner returns a NotOwned if another value than owner's is recorded as what stands at
// a place. A place of which nobody is recorded passes.
func CheckOwner(place string, now State, owner Owner) error {
	if !now.Exists || now.Owner.IsZero() || now.Owner.Same(owner) {
		return nil
	}
	return fault.New(fault.NotOwned, ReasonOtherOwner,
		"%s holds %s, and nothing was written there: give %s another place, or remove what is there", place, now.Owner, owner)
}

// String names the value for people: value "db" of plan "shop" for environment "test",
// instance "pr-7".
func (o Owner) String() string {
	text := fmt.Sprintf("value %q of plan %q", o.Value, o.Plan)
	if o.Environment != "" {
		text += fmt.Sprintf(" for environment %q", o.Environment)
	}
	if o.Instance != "" {
		text += fmt.Sprintf(", instance %q", o.Instance)
	}
	return text
}
