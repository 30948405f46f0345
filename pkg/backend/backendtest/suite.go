// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package backendtest owns the contract that every backend passes: the cases of Run. A
// backend's tests supply a Suite, which acts on the real system (or its double) the way
// its users do. What a backend cannot do is declared, and then tested to be refused. The
// package must not know any backend and must not be imported by anything but tests.
package backendtest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Suite says how to act on a system. Paths are those of backend.EntryRef. Functions fail
// the test themselves.
type Suite struct {
	// Open returns a new backend, under an identity that may read every path but Denied.
	// Another call is another login.
	Open func(t *testing.T) backend.Backend
	// OpenStranger returns a backend under an identity that the system does not accept.
	OpenStranger func(t *testing.T) backend.Backend
	// Write makes a new version of an entry. The fields hold JSON text.
	Write func(t *testing.T, path string, fields map[string]string)
	// Delete deletes the newest version so that Undelete brings it back; without Versions
	// it removes the entry.
	Delete func(t *testing.T, path string)
	// Undelete and Destroy act on a version; they are not called without Versions.
	Undelete, Destroy func(t *testing.T, path, version string)
	// Remove removes an entry with all its versions.
	Remove func(t *testing.T, path string)
	// Hide takes one field of an entry from what the identity of Open is shown, and nothing
	// else. It is not called without FieldProof.
	Hide func(t *testing.T, path, field string)
	// Segment and Field report what the system takes as a segment of a path and as the name of
	// a field; nil takes all that the contract tries.
	Segment, Field func(name string) bool
	// FoldersAreEntries says that every folder is an entry, as are the folders above it.
	FoldersAreEntries bool
	// Denied is a path that the identity of Open may not read, nor list what is below it.
	Denied string
	// Logins returns how many logins the system has seen so far.
	Logins func(t *testing.T) int
	// LoginsPerIdentity is how many one backend needs: one, or none if it is given a token.
	LoginsPerIdentity int
	// Unsupported lists the capabilities that the backend does not have.
	Unsupported []backend.Capability
}

// Run runs every case of the contract.
func Run(t *testing.T, s Suite) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, Suite){
		valueCases(), versionCases(), valueVersionCases(), changeCases(), folderCases(), failureCases(), lifeCases(),
	} {
		for _, name := range slices.Sorted(maps.Keys(group)) {
			t.Run(name, func(t *testing.T) { group[name](t, s) })
		}
	}
}

func (s Suite) supports(c backend.Capability) bool { return !slices.Contains(s.Unsupported, c) }

// ref parses a reference that is valid.
func ref(t *testing.T, path, version string) backend.EntryRef {
	t.Helper()
	r, err := backend.ParseRef(path, version)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// open returns a backend that is closed with the test.
func (s Suite) open(t *testing.T) backend.Backend {
	t.Helper()
	return closing(t, s.Open(t))
}

func closing(t *testing.T, b backend.Backend) backend.Backend {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return b
}

// path makes a path of the test's own, so that cases do not meet.
func path(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("contract/%x", fnv64(t.Name()))
}

// read returns an entry that can be read.
func read(t *testing.T, b backend.Backend, path, version string) backend.Entry {
	t.Helper()
	entry, err := b.Read(t.Context(), ref(t, path, version))
	if err != nil {
		t.Fatalf("reading %q@%q: %v", path, version, err)
	}
	return entry
}

// wantFields compares an entry with JSON texts, by value: a backend may escape otherwise.
func wantFields(t *testing.T, entry backend.Entry, want map[string]string) {
	t.Helper()
	if len(entry.Fields) != len(want) {
		t.Fatalf("want %d fields, got %d", len(want), len(entry.Fields))
	}
	for name, text := range want {
		got, ok := entry.Fields[name]
		if !ok {
			t.Errorf("want a field %q", name)
			continue
		}
		if !sameJSON(t, got.Reveal(), []byte(text)) {
			t.Errorf("field %q: want another value (got %d bytes, want the like of %d)", name, got.Len(), len(text))
		}
	}
}

// wantFault checks the class, and of a NotFound also the reason, if one is given.
func wantFault(t *testing.T, err error, class fault.Class, reasons ...string) {
	t.Helper()
	if fault.ClassOf(err) != class {
		t.Fatalf("want class %s, got %q: %v", class, fault.ClassOf(err), err)
	}
	if len(reasons) > 0 && !slices.Contains(reasons, fault.ReasonOf(err)) {
		t.Errorf("want reason %v, got %q", reasons, fault.ReasonOf(err))
	}
	if fault.As(err).Message == "" {
		t.Error("want a message for people")
	}
	wantNoMarker(t, err)
}

// Text returns s as JSON.
func Text(s string) string {
	out, err := json.Marshal(s)
	if err != nil {
		panic(err) // Strings always marshal.
	}
	return string(out)
}
