// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// valueVersionCases are about versions that belong to values.
func valueVersionCases() map[string]func(*testing.T, Suite) {
	return map[string]func(*testing.T, Suite){
		"ValuesHaveVersions":  valuesHaveVersions,
		"PinnedValues":        pinnedValues,
		"PinnedValuesMissing": pinnedValuesMissing,
	}
}

// valuesHaveVersions: each value tells its version, which grows with it alone.
func valuesHaveVersions(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	s.Write(t, p, map[string]string{"a": Text("1"), "b": Text("1")})
	first := read(t, b, p, "").Values
	if !s.supports(backend.ValueVersions) {
		if len(first) > 0 {
			t.Errorf("want nothing told of values, got %v", first)
		}
		return
	}
	s.Write(t, p, map[string]string{"a": Text("2"), "b": Text("1")})
	second := read(t, b, p, "").Values
	switch {
	case first["a"].ID == "" || first["a"].ID == first["b"].ID || first["a"].ID != second["a"].ID:
		t.Errorf("want IDs that last and differ, got %v and %v", first, second)
	case first["a"].Version == second["a"].Version:
		t.Errorf("want a new version of what changed, got %q again", second["a"].Version)
	case first["b"].ID != second["b"].ID || first["b"].Version != second["b"].Version:
		t.Errorf("want the other value as it was, got %v and %v", first["b"], second["b"])
	}
}

// pinnedValues: a version of a value is read as it was.
func pinnedValues(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	if !s.supports(backend.ValueVersions) {
		return
	}
	for i := range 3 {
		s.Write(t, p, numbered(i))
	}
	for i, version := range s.valueVersions(t, b, p, 3) {
		entry, err := b.Read(t.Context(), valueRef(t, p, version))
		if err != nil {
			t.Fatalf("reading version %s: %v", version, err)
		}
		wantFields(t, entry, numbered(i))
		if entry.Version != version || entry.Values["n"].Version != version {
			t.Errorf("want version %q, got %q and %q", version, entry.Version, entry.Values["n"].Version)
		}
	}
}

// valueVersions returns the versions of field n after n writes; they are numbers in a row.
func (s Suite) valueVersions(t *testing.T, b backend.Backend, path string, n int) []string {
	t.Helper()
	versions := []string{"1", "2", "3"}[:n]
	if newest := read(t, b, path, "").Values["n"].Version; newest != versions[n-1] {
		t.Fatalf("want version %s after as many writes, got %q", versions[n-1], newest)
	}
	return versions
}

// pinnedValuesMissing: what is not there is told, with what is.
func pinnedValuesMissing(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	if !s.supports(backend.ValueVersions) {
		return
	}
	_, err := b.Read(t.Context(), valueRef(t, p, "1"))
	wantFault(t, err, fault.NotFound, backend.ReasonEntryNotFound)
	s.Write(t, p, numbered(0))
	s.Write(t, p, numbered(1))
	_, err = b.Read(t.Context(), valueRef(t, p, "99"))
	wantFault(t, err, fault.NotFound, backend.ReasonVersionNotFound)
	if !strings.Contains(fault.As(err).Message, "2") {
		t.Errorf("want a message that says what the newest version is, got %q", fault.As(err).Message)
	}
	for _, version := range []string{"0", "-1", "latest", "1.0", strings.Repeat("9", 40)} {
		_, err := b.Read(t.Context(), valueRef(t, p, version))
		wantFault(t, err, fault.InvalidSpec)
	}
}

func valueRef(t *testing.T, path, version string) backend.EntryRef {
	t.Helper()
	r, err := backend.ParseValueRef(path, "n", version)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
