// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package backend owns the contract between SecretSync and the systems that keep
// secrets: what an entry is, how it is named, what a backend can do, how it gets its
// credentials. It must not import a backend, an SDK, a Kubernetes client or a log;
// backends import it, and pkg/poll is the only caller of Read.
package backend

import (
	"context"
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Backend reads the entries of one backend under one identity. It is safe for
// concurrent use. Every error is classed with pkg/fault, its message free of secret
// bytes and raw backend text.
type Backend interface {
	// Read returns the entry at ref: exactly the pinned version, else the newest one.
	// It logs in when it must, makes no retry of its own, and ends with ctx. Errors:
	// NotFound (absent, soft-deleted, destroyed, mount gone; the reasons below tell
	// them apart), Denied, Throttled (with RetryAfter where the backend said it),
	// Unavailable, InvalidContent, InvalidSpec (a pin where there are no versions).
	Read(ctx context.Context, ref EntryRef) (Entry, error)

	// Probe proves that the backend answers and that the identity is accepted, with as
	// few requests as it can. Its errors are classed like Read's.
	Probe(ctx context.Context) error

	// Capabilities says what the backend can do, as far as it is known now.
	Capabilities() Capabilities

	// Close ends renewals and revokes what was obtained by logging in; nothing else.
	Close(ctx context.Context) error
}

// ContainerProver is the capability to prove that what holds an entry (the mount, the
// folder) is alive, so that a missing entry is known to be missing alone.
type ContainerProver interface {
	// ProveContainer returns nil if the container of ref answers; otherwise why not.
	ProveContainer(ctx context.Context, ref EntryRef) error
}

// VersionLister is the capability to tell which versions of an entry there are.
type VersionLister interface {
	// ListVersions returns the versions of the entry at the path of ref that are not destroyed
	// for good, in no order; what is soft-deleted is among them. Of an entry that does not
	// exist there are none. Its errors are classed like Read's.
	ListVersions(ctx context.Context, ref EntryRef) ([]string, error)
}

// ConditionalReader is the capability to read an entry only if it changed, which costs a
// backend less and keeps no value anywhere.
type ConditionalReader interface {
	// ReadUnless is Read, unless the entry is as it was when it was read with that tag: then
	// unchanged is true, and the entry empty.
	ReadUnless(ctx context.Context, ref EntryRef, tag string) (entry Entry, unchanged bool, err error)
}

// FieldProver is the capability to tell a field that is gone from one that the identity is
// no longer shown: an entry read without the latter looks the same.
type FieldProver interface {
	// ProveField tells what became of a field that the entry at ref had: shown is the place
	// that its value comes from now, nil if the entry no longer has one of that name. It
	// returns nil if the value is still there and may be read, so that it should have been.
	// Errors: NotFound, if it is gone, no part of the entry any more, or rightly behind what is
	// shown; Denied, if it may not be read; Suspicious, if nobody can tell; else classed like
	// Read's.
	ProveField(ctx context.Context, ref EntryRef, field Field, shown *Origin) error
}

// Field is a field as it was once read.
type Field struct {
	// Name of the field in its entry.
	Name string
	// From is where its value came from.
	From Origin
}

// Reasons of NotFound errors that callers tell apart.
const (
	// ReasonEntryNotFound: the entry does not exist, as far as the backend tells.
	ReasonEntryNotFound = "EntryNotFound"
	// ReasonEntryDeleted: the newest (or pinned) version is soft-deleted.
	ReasonEntryDeleted = "EntryDeleted"
	// ReasonVersionDestroyed: the newest (or pinned) version is destroyed for good.
	ReasonVersionDestroyed = "VersionDestroyed"
	// ReasonVersionNotFound: the pinned version does not exist; the message says which do.
	ReasonVersionNotFound = "VersionNotFound"
	// ReasonMountNotFound: the mount or project is not there; nothing is known of the entry.
	ReasonMountNotFound = "MountNotFound"
)

// Capability names something that not every backend can do.
type Capability string

// The capabilities, as shown in a backend's status.
const (
	// Versions: entries have versions and a version can be pinned.
	Versions Capability = "Versions"
	// ContainerProof: the backend implements ContainerProver.
	ContainerProof Capability = "ContainerProof"
	// Listing: the backend implements FolderLister.
	Listing Capability = "Listing"
	// FieldProof: the backend implements FieldProver.
	FieldProof Capability = "FieldProof"
	// TypedValues: values are JSON of any type; without it, they are texts.
	TypedValues Capability = "TypedValues"
	// ValueVersions: each value has versions of its own, the entry has none; what is pinned is
	// the value of a field.
	ValueVersions Capability = "ValueVersions"
)

// Capabilities is the set of what a backend can do, sorted.
type Capabilities []Capability

// Has reports whether c is in the set.
func (s Capabilities) Has(c Capability) bool { return slices.Contains(s, c) }

// Entry is one entry as read: a set of named fields at one version.
type Entry struct {
	// Fields holds the JSON text of each field's value, numbers with their digits.
	Fields map[string]sensitive.Value
	// Version is the backend's name of the version; empty if it has none.
	Version string
	// VersionTime is when the backend made that version, or the newest of its values; zero if
	// it does not say.
	VersionTime time.Time
	// Values tells more of the fields, where there is more to tell than the value.
	Values map[string]ValueInfo
	// Tag stands for the entry as it is now, for ReadUnless; empty if the backend has none.
	Tag string
}

// ValueInfo is what a backend tells of one field besides its value.
type ValueInfo struct {
	// ID names the value through all its versions; another one is another value of that name.
	ID string
	// Version is the backend's name of the value's version; empty if it has none.
	Version string
	// From is where the value comes from, if not from its entry alone.
	From Origin
	// Hides are the other places with a value of that name, which this one won against.
	Hides []Origin
	// Unresolved says that the value refers to another one, and is not to be served as it is.
	Unresolved bool
}
