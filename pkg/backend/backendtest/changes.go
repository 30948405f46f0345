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
	for name, tag := range map[string]string{"NoTag": "", "OtherTag": `"another"`} {
		again, unchanged, err := conditional.ReadUnless(t.Context(), ref(t, p, ""), tag)
		if err != nil || unchanged {
			t.Fatalf("%s: want the entry, got unchanged %t, %v", name, unchanged, err)
		}
		wantFields(t, again, numbered(0))
	}
	s.Write(t, p, numbered(1))
	again, unchanged, err := conditional.ReadUnless(t.Context(), ref(t, p, ""), entry.Tag)
	if err != nil || unchanged {
		t.Fatalf("want the new state, got unchanged %t, %v", unchanged, err)
	}
	wantFields(t, again, numbered(1))
	s.Remove(t, p)
	if _, unchanged, err := conditional.ReadUnless(t.Context(), ref(t, p, ""), again.Tag); unchanged || err == nil {
		t.Errorf("want what is gone told so, got unchanged %t, %v", unchanged, err)
	}
}

// fieldsAreProven: a field that is hidden from the identity is told from one that is gone.
func fieldsAreProven(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	s.Write(t, p, map[string]string{"kept": text(Marker), "hidden": text(Marker)})
	prover, ok := b.(backend.FieldProver)
	if ok != s.supports(backend.FieldProof) {
		t.Fatalf("want FieldProver implemented exactly if declared, got %t", ok)
	}
	if !ok {
		return
	}
	if err := prover.ProveField(t.Context(), ref(t, p, ""), "hidden"); err != nil {
		t.Errorf("want the field there, got %v", err)
	}
	s.Hide(t, p, "hidden")
	wantFault(t, prover.ProveField(t.Context(), ref(t, p, ""), "hidden"), fault.Denied)
	wantFault(t, prover.ProveField(t.Context(), ref(t, p, ""), "gone"), fault.NotFound, backend.ReasonEntryNotFound)
	if err := prover.ProveField(t.Context(), ref(t, p, ""), "kept"); err != nil {
		t.Errorf("want the other field there, got %v", err)
	}
}
