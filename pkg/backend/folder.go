// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"slices"

	"github.com/secretsync/secretsync/pkg/fault"
)

// FolderLister is the capability to tell which entries are in a folder.
type FolderLister interface {
	// ListFolder names the entries in the folder at the path of ref, with recursive those below
	// it as well. A folder that is empty, and one that does not exist where the backend cannot
	// tell, has none. Errors: InvalidContent with ReasonFolderTooLarge, Denied (naming the policy
	// that would allow it), NotFound (the folder, the mount or the project is not there), else
	// classed like Read's.
	ListFolder(ctx context.Context, ref EntryRef, recursive bool) (FolderListing, error)
}

// FolderListing is what is in a folder.
type FolderListing struct {
	// Names are the paths of the entries relative to the folder, as the backend has them, sorted
	// and each once; whether each is a valid path is the caller's to check. The empty name is the
	// folder itself, where folders are entries. What could not be searched, because no valid path
	// leads there, has a slash behind.
	Names []string
	// Requests is how many requests it took.
	Requests int
}

// Bounds of a listing: what is larger is refused, lest one folder cost a backend everything.
const (
	MaxFolderEntries = 1000
	MaxFolderDepth   = 16
	// MaxFolderBytes bounds all names together.
	MaxFolderBytes = 256 << 10
	// MaxFolderRequests bounds the folders that are searched, where each takes a request.
	MaxFolderRequests = 250
)

// Reasons of errors of listings.
const (
	// ReasonFolderTooLarge: a folder holds more than is listed. An InvalidContent.
	ReasonFolderTooLarge = "FolderTooLarge"
	// ReasonNothingShown: an entry is empty, or all of it is hidden from the identity. An
	// InvalidContent.
	ReasonNothingShown = "NothingShown"
)

// FolderTooLarge returns the error for a folder that exceeds a bound.
func FolderTooLarge(ref EntryRef, bound string) error {
	return fault.New(fault.InvalidContent, ReasonFolderTooLarge,
		"folder %q holds more than %s, which is not listed: name a folder further down, search it without recursive, or name the entries one by one", ref.path, bound)
}

// Join returns the path of an entry by its path relative to a folder.
func Join(folder, relative string) string {
	switch {
	case relative == "":
		return folder
	case folder == Root:
		return relative
	default:
		return folder + "/" + relative
	}
}

// CheckFolder returns nil if the namespace may read every entry that can be in the folder, else
// an InvalidSpec NotAllowed that names the folder and what is allowed. Whoever lists a folder
// learns the names in it, so part of a folder is not enough.
func (g Guard) CheckFolder(folder EntryRef, recursive bool) error {
	parts := segments(folder.path)
	switch {
	case g.everything, g.served && slices.ContainsFunc(g.patterns, func(p pathPattern) bool { return p.covers(parts, recursive) }):
		return nil
	case !g.served, len(g.patterns) == 0:
		return g.Check(folder)
	}
	needed := Join(folder.path, "*")
	if recursive {
		needed = Join(folder.path, "**")
	}
	return fault.New(fault.InvalidSpec, ReasonNotAllowed, "folder %q is not allowed for namespace %q as a whole: to search it, spec.allow.paths of the backend must cover %q; it allows %s",
		folder.path, g.namespace, needed, listPatterns(g.patterns))
}

// covers reports whether a pattern covers every entry in a folder, with deep those below it as
// well. Where it takes more than one look at the pattern's end to tell, it says no.
func (p pathPattern) covers(folder []string, deep bool) bool {
	if p.never || len(p.segments) == 0 {
		return false
	}
	rest, last := p.segments[:len(p.segments)-1], p.segments[len(p.segments)-1]
	switch {
	case last.deep:
		return p.matches(folder)
	case last.any && deep:
		return len(rest) > 0 && rest[len(rest)-1].deep && pathPattern{segments: rest}.matches(folder)
	default:
		return last.any && pathPattern{segments: rest}.matches(folder)
	}
}
