// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"testing"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// changeCases are about what changed and what is gone.
func changeCases() map[string]func(*testing.T, Suite) {
	return map[string]func(*testing.T, Suite){
		"UnchangedIsToldSo": unchangedIsToldSo,
		"FieldsAreProven":   fieldsAreProven,
	}
}

// unchangedIsToldSo: a backend that reads conditionally says unchanged of what has not
// changed, and of nothing else.
func unchangedIsToldSo(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	s.Write(t, p, numbered(0))
	entry := read(t, b, p, "")
	conditional, ok := b.(backend.ConditionalReader)
	if !ok {
		if entry.Tag != "" {
			t.Error("want no tag of a backend that cannot use one")
		}
		return
	}
	for range 2 {
		again, unchanged, err := conditional.ReadUnless(t.Context(), ref(t, p, ""), entry.Tag)
		if err != nil || !unchanged || len(again.Fields) > 0 {
			t.Fatalf("want the entry unchanged, got %t and %d fields, %v", unchanged, len(again.Fields), err)
		}
	}
	wantChanged(t, conditional, p, "", numbered(0))
	wantChanged(t, conditional, p, `"another"`, numbered(0))
	s.Write(t, p, numbered(1))
	again := wantChanged(t, conditional, p, entry.Tag, numbered(1))
	s.Remove(t, p)
	if _, unchanged, err := conditional.ReadUnless(t.Context(), ref(t, p, ""), again.Tag); unchanged || err == nil {
		t.Errorf("want what is gone told so, got unchanged %t, %v", unchanged, err)
	}
}

// wantChanged reads an entry that is not as it was with that tag, and returns it.
func wantChanged(t *testing.T, b backend.ConditionalReader, path, tag string, fields map[string]string) backend.Entry {
	t.Helper()
	entry, unchanged, err := b.ReadUnless(t.Context(), ref(t, path, ""), tag)
	if err != nil || unchanged {
		t.Fatalf("want what is new since tag %q, got unchanged %t, %v", tag, unchanged, err)
	}
	wantFields(t, entry, fields)
	return entry
}

// fieldsAreProven: a field that is hidden from the identity is told from one that is gone.
func fieldsAreProven(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	s.Write(t, p, map[string]string{"kept": Text(Marker), "hidden": Text(Marker)})
	prover, ok := b.(backend.FieldProver)
	if ok != s.supports(backend.FieldProof) {
		t.Fatalf("want FieldProver implemented exactly if declared, got %t", ok)
	}
	if !ok {
		return
	}
	if err := prover.ProveField(t.Context(), ref(t, p, ""), backend.Field{Name: "hidden"}, nil); err != nil {
		t.Errorf("want the field there, got %v", err)
	}
	s.Hide(t, p, "hidden")
	wantFault(t, prover.ProveField(t.Context(), ref(t, p, ""), backend.Field{Name: "hidden"}, nil), fault.Denied)
	wantFault(t, prover.ProveField(t.Context(), ref(t, p, ""), backend.Field{Name: "gone"}, nil), fault.NotFound, backend.ReasonEntryNotFound)
	if err := prover.ProveField(t.Context(), ref(t, p, ""), backend.Field{Name: "kept"}, nil); err != nil {
		t.Errorf("want the other field there, got %v", err)
	}
}
