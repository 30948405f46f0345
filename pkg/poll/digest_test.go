// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func entryWith(version string, fields map[string]string) backend.Entry {
	e := backend.Entry{Version: version, Fields: map[string]sensitive.Value{}}
	for name, value := range fields {
		e.Fields[name] = sensitive.FromString(value)
	}
	return e
}

func TestMarksDiffer(t *testing.T) {
	m := newMarker()
	base := m.good(entryWith("1", map[string]string{"a": "bc", "d": ""}))
	from := func(o backend.Origin) mark {
		e := entryWith("1", map[string]string{"a": "bc", "d": ""})
		e.Values = map[string]backend.ValueInfo{"a": {From: o}}
		return m.good(e)
	}
	cases := map[string]mark{
		"Path":          from(backend.Origin{Path: "elsewhere"}), // Another guard may let it through.
		"Container":     from(backend.Origin{Container: "dev"}),
		"Beyond":        from(backend.Origin{Beyond: true}),
		"Value":         m.good(entryWith("1", map[string]string{"a": "bd", "d": ""})),
		"Version":       m.good(entryWith("2", map[string]string{"a": "bc", "d": ""})),
		"FieldBoundary": m.good(entryWith("1", map[string]string{"ab": "c", "d": ""})),
		"Swapped":       m.good(entryWith("1", map[string]string{"a": "", "d": "bc"})),
		"FieldLess":     m.good(entryWith("1", map[string]string{"a": "bc"})),
		"OtherKey":      newMarker().good(entryWith("1", map[string]string{"a": "bc", "d": ""})),
		"Zero":          {},
	}
	for n, other := range cases {
		if other == base {
			t.Errorf("%s makes no difference", n)
		}
	}
}

func TestMarksOfFailures(t *testing.T) {
	m := newMarker()
	base := m.failing(errDenied, false, false)
	if other := m.failing(fault.New(fault.Denied, errDenied.Reason, "other words"), false, false); other != base {
		t.Error("other words are another state")
	}
	for n, other := range map[string]mark{
		"Reason": m.failing(fault.New(fault.Denied, "Other", ""), false, false),
		"Class":  m.failing(fault.New(fault.NotFound, errDenied.Reason, ""), false, false),
		"Gone":   m.failing(errDenied, true, false),
		"Mass":   m.failing(errDenied, true, true),
	} {
		if other == base {
			t.Errorf("%s makes no difference", n)
		}
	}
}

// TestEqualContentHasEqualMarks: whatever the order in which a map is walked.
func TestEqualContentHasEqualMarks(t *testing.T) {
	m := newMarker()
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "fields")
		version := rapid.String().Draw(t, "version")
		first, second := m.good(entryWith(version, fields)), m.good(entryWith(version, fields))
		if first != second {
			t.Fatal("equal entries have different marks")
		}
	})
}
