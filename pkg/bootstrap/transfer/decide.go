// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Want is what a place should hold.
type Want struct {
	// State says how much is known of it.
	State Knowledge
	// Value is the value, if it is Known.
	Value sensitive.Value
	// Because says what a value that is Pending waits for.
	Because string
	// Refused says why the value must not be where it is declared to be; empty if it may.
	Refused string
}

// Purpose is what a decision is for.
type Purpose int

// The purposes.
const (
	// Applying leaves what is there, unless the plan says otherwise.
	Applying Purpose = iota
	// Rotating puts the value in the place of whatever of ours is there.
	Rotating
)

// Knowledge says how much is known of a value.
type Knowledge int

// How much is known.
const (
	// Known: there is a value.
	Known Knowledge = iota
	// ToBeMade: it is generated, or made of what is, when it is first written.
	ToBeMade
	// Absent: its source has none, and need not have.
	Absent
	// Pending: what it is copied from cannot be reached yet.
	Pending
)

// notYet reports whether an error says that the place is not there yet, which a later run may
// find changed.
func notYet(err error) bool { return fault.Is(err, fault.Unavailable, fault.Throttled, fault.NotFound) }

// Decide returns what is to be done with an item, given what should be there, what is there,
// and the error of looking.
func Decide(purpose Purpose, item Item, want Want, observed destination.State, err error) (Action, string) {
	switch {
	case want.State == Absent:
		return Keep, "there is no value, and none is required"
	case want.Refused != "":
		return Refuse, want.Refused
	case notYet(err):
		return Unreachable, err.Error()
	case purpose == Rotating && item.Mode == plan.Verify:
		return Keep, "write: Verify leaves writing to others"
	case err != nil:
		return Refuse, err.Error()
	case want.State == Pending:
		return Unreachable, want.Because
	default:
		return ofSeen(purpose, item, want, observed)
	}
}

// ofSeen decides about a place that was looked at.
func ofSeen(purpose Purpose, item Item, want Want, observed destination.State) (Action, string) {
	switch {
	case !observed.Exists:
		return ofNothing(item)
	case item.Mode != plan.Verify && !observed.Owner.IsZero() && !observed.Owner.Same(item.Owner):
		return foreign(purpose, item, observed)
	case purpose == Rotating:
		return ofRotated(want, observed)
	default:
		return ofSomething(item, want, observed)
	}
}

// ofSomething decides about a place that holds something which nobody else is recorded for.
func ofSomething(item Item, want Want, observed destination.State) (Action, string) {
	switch {
	case want.State == ToBeMade:
		return ofUnknown(item)
	case !observed.Readable:
		return ofHidden(item)
	case observed.Value.Equal(want.Value):
		return Keep, "it holds the value"
	default:
		return ofOther(item)
	}
}

// ofRotated decides the same for a value that is rotated.
func ofRotated(want Want, observed destination.State) (Action, string) {
	if want.State == Known && observed.Readable && observed.Value.Equal(want.Value) {
		return Keep, "it holds the value"
	}
	return Change, "it is rotated"
}

// ofNothing decides about a place that holds nothing.
func ofNothing(item Item) (Action, string) {
	if item.Mode == plan.Verify {
		return Refuse, "nothing is there, and write: Verify leaves writing to others"
	}
	return Create, "nothing is there"
}

// foreign decides about a place that somebody else has written to.
func foreign(purpose Purpose, item Item, observed destination.State) (Action, string) {
	owner := observed.Owner
	mayStay := purpose == Applying || !item.Generated // What is made anew is of use only if it is everywhere.
	if item.Mode == plan.IfAbsent && owner.Plan != item.Owner.Plan && mayStay {
		return Keep, "it was written by plan " + owner.Plan
	}
	if owner.Plan == item.Owner.Plan && owner.Environment != item.Owner.Environment {
		return Refuse, "it was written for environment " + owner.Environment + ": do both have the same server?"
	}
	return Refuse, "it was written as value " + owner.Value + " of plan " + owner.Plan + ": give one of the two another place, or remove what is there"
}

// ofUnknown decides about a place that holds something, while the value is yet to be made.
func ofUnknown(item Item) (Action, string) {
	switch {
	case item.Generated:
		return Refuse, "it holds a value, but the place that it is copied from has none: copy it there, or remove it here"
	case item.Mode == plan.Overwrite:
		return Change, "what it is made of is new"
	case item.Mode == plan.Verify:
		return Refuse, "what it is made of is new, and write: Verify leaves writing to others"
	default:
		return Keep, "something is there"
	}
}

// ofHidden decides about a place that holds something which cannot be read back.
func ofHidden(item Item) (Action, string) {
	if item.Mode == plan.Overwrite {
		return Change, "it cannot be read back, so it is written again"
	}
	return Keep, "something is there; it cannot be read back"
}

// ofOther decides about a place that holds another value.
func ofOther(item Item) (Action, string) {
	switch {
	case item.Mode == plan.Overwrite:
		return Change, "it holds another value"
	case item.Mode == plan.Verify:
		return Refuse, "it holds another value, and write: Verify leaves writing to others"
	case item.Generated:
		return Refuse, "it holds another value than the place that it is copied from: find out which is in use, then remove the other, or finish a rotation with rotate --resume"
	default:
		return Keep, "it holds another value, and write: IfAbsent leaves it"
	}
}

// Finding is what a place was found to be.
type Finding string

// The findings.
const (
	// Same: it holds the declared value.
	Same Finding = "Same"
	// Differs: it holds another.
	Differs Finding = "Differs"
	// Missing: it holds nothing.
	Missing Finding = "Missing"
	// Present: it holds something that cannot be read back.
	Present Finding = "Present"
	// Unknown: it could not be looked at, or there is nothing to compare it with.
	Unknown Finding = "Unknown"
)

// Good reports whether nothing has to be done about it.
func (f Finding) Good() bool { return f == Same || f == Present }

// Judge compares a place with what it should hold.
func Judge(item Item, want Want, observed destination.State, err error) (Finding, string) {
	switch {
	case want.State == Absent:
		return Present, "there is no value, and none is required"
	case err != nil:
		return Unknown, err.Error()
	case want.State == Pending:
		return Unknown, want.Because
	case !observed.Exists:
		return Missing, "nothing is there"
	case !observed.Readable:
		return Present, "something is there; it cannot be read back"
	case want.State == ToBeMade && item.Generated:
		return Differs, "the place that it is copied from has no value"
	case want.State == ToBeMade:
		return Differs, "what it is made of has no value"
	case observed.Value.Equal(want.Value):
		return Same, "it holds the value"
	default:
		return Differs, "it holds another value"
	}
}
