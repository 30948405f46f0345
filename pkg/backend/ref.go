// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"regexp"
	"strings"

	"github.com/secretsync/secretsync/pkg/fault"
)

// EntryRef names one entry at one version. It is opaque: made by ParseRef only,
// comparable, and interpreted by backends alone.
type EntryRef struct{ path, version string }

// segment is what a path segment may consist of.
var segment = regexp.MustCompile(`^[A-Za-z0-9_.@ -]+$`)

// ParseRef returns the reference for a path of segments of [A-Za-z0-9_.@ -] separated
// by single slashes, and a version ("" is the newest). A path is never cleaned: an
// empty segment, "." and ".." are refused. Errors: InvalidSpec.
func ParseRef(path, version string) (EntryRef, error) {
	for s := range strings.SplitSeq(path, "/") {
		if !isSegment(s) {
			return EntryRef{}, fault.New(fault.InvalidSpec, "InvalidPath",
				"path %q: segments of [A-Za-z0-9_.@ -] separated by single slashes are valid; empty ones, \".\" and \"..\" are not", path)
		}
	}
	return EntryRef{path: path, version: version}, nil
}

// isSegment reports whether s can be one segment of a path.
func isSegment(s string) bool { return s != "." && s != ".." && segment.MatchString(s) }

// Path returns the entry's path within its mount or project.
func (r EntryRef) Path() string { return r.path }

// Version returns the pinned version, or "" for the newest.
func (r EntryRef) Version() string { return r.version }

// String returns the path, with the pinned version behind an @.
func (r EntryRef) String() string {
	if r.version == "" {
		return r.path
	}
	return r.path + "@" + r.version
}
