// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"

	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Writer is the capability to write entries, for the bootstrap helper: the operator only
// reads. Its errors are classed like Read's; their messages name the policy that is missing.
type Writer interface {
	// Inspect reads the newest state of an entry. One that does not exist, or no more, is a
	// state and no error.
	Inspect(ctx context.Context, ref EntryRef) (Held, error)

	// Put replaces the fields of an entry, provided that it still is as held (Conflict
	// otherwise; where Held.Checked is false, nobody can tell). Notes are kept beside it.
	Put(ctx context.Context, ref EntryRef, held Held, change Change) error

	// Delete removes an entry for good, with its versions and notes, under Put's condition.
	Delete(ctx context.Context, ref EntryRef, held Held) error

	// List names what is in a folder of the mount, empty being the whole of it: entries, and
	// folders with a slash behind. Of a folder that does not exist there is none.
	List(ctx context.Context, folder string) ([]string, error)
}

// Held is the newest state of an entry, with what a write has to name.
type Held struct {
	// Exists says that there is an entry, with these Fields (JSON text).
	Exists bool
	Fields map[string]sensitive.Value
	// Position is what a write of the next state names; opaque.
	Position string
	// Checked says that Put and Delete detect a change that somebody else makes.
	Checked bool
	// Notes are texts kept beside the entry that nobody is served; nil where there are none.
	Notes map[string]string
}

// Change is the next state of an entry.
type Change struct {
	// Fields are all the entry's fields from now on, as JSON text.
	Fields map[string]sensitive.Value
	// Notes are those to set; an empty text removes one. The others stay.
	Notes map[string]string
}

// ReasonNotesUnsupported says: the backend keeps no notes beside an entry. An InvalidSpec.
const ReasonNotesUnsupported = "NotesUnsupported"

// ValueWriter is the capability to write single values, of a backend whose values have
// versions of their own. References name a field. Its errors are Writer's.
type ValueWriter interface {
	// InspectValue reads the newest state of a value. One that does not exist is a state and no
	// error.
	InspectValue(ctx context.Context, ref EntryRef) (HeldValue, error)

	// PutValue writes a value with its notes, creating the folders above it. Where somebody else
	// created it since, it is a Conflict; another change that came in between is written over.
	PutValue(ctx context.Context, ref EntryRef, held HeldValue, value sensitive.Value, notes map[string]string) error

	// DeleteValue removes a value.
	DeleteValue(ctx context.Context, ref EntryRef) error

	// ListNoted returns the references of all values of a folder, and of those below it, that
	// have a note of that name, with its text. It is shown no value.
	ListNoted(ctx context.Context, folder EntryRef, note string) (map[EntryRef]string, error)
}

// HeldValue is the newest state of a value.
type HeldValue struct {
	// Exists says that there is one; Readable that Value, as text, may be shown.
	Exists, Readable bool
	Value            sensitive.Value
	// Version is the backend's name of the version.
	Version string
	// Notes are texts kept beside it.
	Notes map[string]string
}
