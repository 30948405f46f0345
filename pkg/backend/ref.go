// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"regexp"
	"strings"

	"github.com/secretsync/secretsync/pkg/fault"
)

// EntryRef names one entry at one version or, where values have versions, the value of one
// of its fields. It is opaque: made by ParseRef and ParseValueRef only, comparable, and
// interpreted by backends alone.
type EntryRef struct{ path, field, version string }

// Root is the path of the root of a backend.
const Root = "/"

// segment is what a path segment may consist of.
var segment = regexp.MustCompile(`^[A-Za-z0-9_.@ -]+$`)

// ParseRef returns the reference for a path of segments of [A-Za-z0-9_.@ -] separated
// by single slashes, and a version ("" is the newest). A path is never cleaned: an
// empty segment, "." and ".." are refused. Root is the one path without a segment.
// Errors: InvalidSpec.
func ParseRef(path, version string) (EntryRef, error) {
	for s := range strings.SplitSeq(path, "/") {
		if path != Root && !isSegment(s) {
			return EntryRef{}, fault.New(fault.InvalidSpec, "InvalidPath",
				"path %q: / alone, and segments of [A-Za-z0-9_.@ -] separated by single slashes are valid; empty ones, \".\" and \"..\" are not", path)
		}
	}
	return EntryRef{path: path, version: version}, nil
}

// ParseValueRef returns the reference for one value at a version, of a backend that has the
// capability ValueVersions. Errors: InvalidSpec.
func ParseValueRef(path, field, version string) (EntryRef, error) {
	ref, err := ParseRef(path, version)
	ref.field = field
	return ref, err
}

// segments returns the segments of a path; the root has none.
func segments(path string) []string {
	if path == Root {
		return nil
	}
	return strings.Split(path, "/")
}

// isSegment reports whether s can be one segment of a path.
func isSegment(s string) bool { return s != "." && s != ".." && segment.MatchString(s) }

// Path returns the entry's path within its mount or project.
func (r EntryRef) Path() string { return r.path }

// IsRoot reports whether the entry is the root of its backend.
func (r EntryRef) IsRoot() bool { return r.path == Root }

// Field returns the field whose value is meant, or "" for the whole entry.
func (r EntryRef) Field() string { return r.field }

// Version returns the pinned version, or "" for the newest.
func (r EntryRef) Version() string { return r.version }

// String returns the path, with the field behind a # and the pinned version behind an @.
func (r EntryRef) String() string {
	text := r.path
	if r.field != "" {
		text += "#" + r.field
	}
	if r.version != "" {
		text += "@" + r.version
	}
	return text
}
