// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"fmt"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/sensitive"
)

// TestRefusalsAreBounded: at the bound the one that ends the soonest is forgotten, so that
// nobody flushes the others' pauses by many wrong credentials.
func TestRefusalsAreBounded(t *testing.T) {
	var r refusals
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	of := func(secret string) credential { return r.of("https://infisical.example", sensitive.FromString(secret)) }
	for range 4 { // A long row of refusals.
		r.note(of("stubborn"), now)
	}
	r.note(of("first"), now.Add(-time.Second))
	for i := range maxRefusals {
		r.note(of(fmt.Sprint(i)), now)
	}
	if len(r.known) != maxRefusals {
		t.Errorf("want %d known, got %d", maxRefusals, len(r.known))
	}
	if r.wait(of("stubborn"), now) <= firstRefusal || r.wait(of("first"), now) > 0 {
		t.Errorf("want the longest pause kept and the soonest forgotten, got %s and %s", r.wait(of("stubborn"), now), r.wait(of("first"), now))
	}
	r.note(of("stubborn"), now)
	if len(r.known) != maxRefusals {
		t.Errorf("want nothing forgotten for one that is known, got %d", len(r.known))
	}
}
