// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// versionCases: a pin reads exactly that version; without versions it is refused.
func versionCases() map[string]func(*testing.T, Suite) {
	return map[string]func(*testing.T, Suite){
		"VersionsGrow":         versionsGrow,
		"PinsReadTheirVersion": pinsReadTheirVersion,
		"PinsOnNothing":        pinsOnNothing,
		"PinsOfNoNumber":       pinsOfNoNumber,
		"Deleted":              deleted,
		"Destroyed":            destroyed,
		"VersionsAreListed":    versionsAreListed,
		"Removed":              removed,
		"CapabilitiesAreTrue":  capabilitiesAreTrue,
	}
}

// write makes n versions whose field n holds the number, and returns their names.
func (s Suite) write(t *testing.T, b backend.Backend, path string, n int) []string {
	t.Helper()
	var names []string
	for i := range n {
		s.Write(t, path, numbered(i))
		names = append(names, read(t, b, path, "").Version)
	}
	return names
}

func numbered(i int) map[string]string {
	return map[string]string{"n": Text(strings.Repeat("x", i) + Marker)}
}

func versionsGrow(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	seen := map[string]bool{}
	var last backend.Entry
	for i := range 3 {
		s.Write(t, p, numbered(i))
		entry := read(t, b, p, "")
		if !s.supports(backend.Versions) {
			if entry.Version != "" || !entry.VersionTime.IsZero() && !s.supports(backend.ValueVersions) {
				t.Errorf("want no version of a backend without, got %q of %s", entry.Version, entry.VersionTime)
			}
			continue
		}
		if entry.Version == "" || seen[entry.Version] {
			t.Errorf("want a new version, got %q", entry.Version)
		}
		if entry.VersionTime.IsZero() || entry.VersionTime.Before(last.VersionTime) {
			t.Errorf("want times that do not go back, got %s after %s", entry.VersionTime, last.VersionTime)
		}
		seen[entry.Version], last = true, entry
	}
}

func pinsReadTheirVersion(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	if !s.supports(backend.Versions) {
		s.Write(t, p, numbered(0))
		s.wantPinRefused(t, b, p)
		return
	}
	for i, name := range s.write(t, b, p, 3) {
		entry := read(t, b, p, name)
		wantFields(t, entry, numbered(i))
		if entry.Version != name || entry.VersionTime.IsZero() {
			t.Errorf("want version %q and its time, got %q of %s", name, entry.Version, entry.VersionTime)
		}
	}
}

// wantPinRefused: a pin where there are no versions waits for an edit, rather than being
// answered with whatever is there.
func (s Suite) wantPinRefused(t *testing.T, b backend.Backend, path string) {
	t.Helper()
	_, err := b.Read(t.Context(), ref(t, path, "1"))
	wantFault(t, err, fault.InvalidSpec)
	if !strings.Contains(fault.As(err).Message, "version") {
		t.Errorf("want a message that speaks of versions, got %q", fault.As(err).Message)
	}
}

func pinsOnNothing(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	if !s.supports(backend.Versions) {
		s.wantPinRefused(t, b, p)
		return
	}
	_, err := b.Read(t.Context(), ref(t, p, "1"))
	wantFault(t, err, fault.NotFound, backend.ReasonEntryNotFound)

	names := s.write(t, b, p, 2)
	_, err = b.Read(t.Context(), ref(t, p, "99"))
	wantFault(t, err, fault.NotFound, backend.ReasonVersionNotFound)
	for _, name := range names {
		if !strings.Contains(fault.As(err).Message, name) {
			t.Errorf("want a message that says version %s exists, got %q", name, fault.As(err).Message)
		}
	}
}

func pinsOfNoNumber(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	s.Write(t, p, numbered(0))
	for _, version := range []string{"0", "-1", "latest", "1.0", "1 ", "1&version=2", strings.Repeat("9", 40)} {
		_, err := b.Read(t.Context(), ref(t, p, version))
		wantFault(t, err, fault.InvalidSpec)
	}
}

func deleted(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	if !s.supports(backend.Versions) {
		s.Write(t, p, numbered(0))
		s.Delete(t, p)
		_, err := b.Read(t.Context(), ref(t, p, ""))
		wantFault(t, err, fault.NotFound, backend.ReasonEntryNotFound)
		s.Write(t, p, numbered(1))
		wantFields(t, read(t, b, p, ""), numbered(1))
		return
	}
	names := s.write(t, b, p, 2)
	s.Delete(t, p)
	for _, version := range []string{"", names[1]} {
		_, err := b.Read(t.Context(), ref(t, p, version))
		wantFault(t, err, fault.NotFound, backend.ReasonEntryDeleted)
	}
	wantFields(t, read(t, b, p, names[0]), numbered(0))
	s.Undelete(t, p, names[1])
	wantFields(t, read(t, b, p, ""), numbered(1))
	s.Delete(t, p)
	s.Write(t, p, numbered(2))
	wantFields(t, read(t, b, p, ""), numbered(2))
}

func destroyed(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	if !s.supports(backend.Versions) {
		s.Write(t, p, numbered(0))
		s.wantPinRefused(t, b, p)
		return
	}
	names := s.write(t, b, p, 2)
	s.Destroy(t, p, names[1])
	for _, version := range []string{"", names[1]} {
		_, err := b.Read(t.Context(), ref(t, p, version))
		wantFault(t, err, fault.NotFound, backend.ReasonVersionDestroyed)
	}
	wantFields(t, read(t, b, p, names[0]), numbered(0))
	s.Write(t, p, numbered(2))
	wantFields(t, read(t, b, p, ""), numbered(2))
}

func versionsAreListed(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	lister, ok := b.(backend.VersionLister)
	if !s.supports(backend.Versions) || !ok {
		s.Write(t, p, numbered(0))
		s.wantPinRefused(t, b, p)
		return
	}
	want := func(reason string, names ...string) {
		t.Helper()
		got, err := lister.ListVersions(t.Context(), ref(t, p, ""))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		slices.Sort(names)
		if !slices.Equal(got, names) {
			t.Errorf("want versions %v, because %s; got %v", names, reason, got)
		}
	}
	want("there is no entry")
	names := s.write(t, b, p, 3)
	want("all are there", names...)
	s.Delete(t, p)
	want("what is deleted can come back", names...)
	s.Destroy(t, p, names[0])
	want("what is destroyed cannot", names[1:]...)
	s.Remove(t, p)
	want("nothing is left")
}

func removed(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	s.Write(t, p, numbered(0))
	read(t, b, p, "")
	s.Remove(t, p)
	_, err := b.Read(t.Context(), ref(t, p, ""))
	wantFault(t, err, fault.NotFound, backend.ReasonEntryNotFound)
	s.Write(t, p, numbered(1))
	wantFields(t, read(t, b, p, ""), numbered(1))
}

func capabilitiesAreTrue(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	s.Write(t, p, numbered(0))
	read(t, b, p, "")
	for _, c := range []backend.Capability{backend.Versions, backend.ContainerProof, backend.FieldProof, backend.Listing, backend.TypedValues, backend.ValueVersions} {
		if got := b.Capabilities().Has(c); got != s.supports(c) {
			t.Errorf("capability %s: want %t, got %t", c, s.supports(c), got)
		}
	}
	prover, ok := b.(backend.ContainerProver)
	if ok != s.supports(backend.ContainerProof) {
		t.Fatalf("want ContainerProver implemented exactly if declared, got %t", ok)
	}
	if ok {
		for _, at := range []string{p, p + "/absent"} {
			if err := prover.ProveContainer(t.Context(), ref(t, at, "")); err != nil {
				t.Errorf("want the container of %q alive, got %v", at, err)
			}
		}
	}
}
