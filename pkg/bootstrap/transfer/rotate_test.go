// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// issuer remembers what it revoked.
type issuer struct {
	*setting

	revoked []string
	fails   bool
}

func (i *issuer) Issue(ctx context.Context) (sensitive.Value, error) { return i.issue(ctx) }

func (i *issuer) Revoke(_ context.Context, old sensitive.Value) error {
	if i.fails {
		return fault.New(fault.Unavailable, "Down", "the issuer is down")
	}
	i.revoked = append(i.revoked, string(old.Reveal()))
	return nil
}

// applied is a setting that was applied, with what issued its generated value.
func applied(t *testing.T) (*setting, *issuer) {
	t.Helper()
	s := newSetting()
	if _, err := s.apply(t); err != nil {
		t.Fatal(err)
	}
	return s, &issuer{setting: s}
}

func (s *setting) rotate(t *testing.T, name string, change func(*transfer.Rotation)) ([]transfer.Outcome, error) {
	t.Helper()
	rotation := transfer.Rotation{Writing: writing(), Name: name}
	if change != nil {
		change(&rotation)
	}
	return s.look(t).Rotate(t.Context(), rotation)
}

func by(i *issuer) func(*transfer.Rotation) { return func(r *transfer.Rotation) { r.Issuer = i } }

func resume(i *issuer) func(*transfer.Rotation) {
	return func(r *transfer.Rotation) { r.Issuer, r.Resume = i, true }
}

func TestRotateGenerated(t *testing.T) {
	s, i := applied(t)
	outcomes, err := s.rotate(t, "generated", by(i))
	if diff := cmp.Diff("sourced:Kept anchor:Done made:Done copy:Done ", results(outcomes)); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if s.anchor.holds() != "g2" || s.duplicate.holds() != "g2" || s.made.holds() != "s1+g2" {
		t.Errorf("%s, %s, %s", s.anchor.holds(), s.duplicate.holds(), s.made.holds())
	}
	if diff := cmp.Diff([]string{"g1"}, i.revoked); diff != "" {
		t.Error(diff)
	}
}

func TestRotateSourced(t *testing.T) {
	s, _ := applied(t)
	if _, err := s.rotate(t, "sourced", nil); !errors.Is(err, transfer.ErrNothingNew) {
		t.Errorf("of a source that did not change: %v", err)
	}
	s.source = "s2"
	if outcomes, err := s.rotate(t, "sourced", nil); err != nil || s.sourced.holds() != "s2" || s.made.holds() != "s2+g1" {
		t.Errorf("%s: %v", results(outcomes), err)
	}
}

// TestRotateThatIsCut: nothing is revoked until the new value is everywhere, and resuming ends
// what was begun.
func TestRotateThatIsCut(t *testing.T) {
	s, i := applied(t)
	s.duplicate.failNext = fault.Unavailable
	outcomes, err := s.rotate(t, "generated", by(i))
	if diff := cmp.Diff("sourced:Kept anchor:Done made:Done copy:Failed ", results(outcomes)); diff != "" || err == nil || i.revoked != nil {
		t.Fatal(diff, err, i.revoked)
	}
	if _, err := s.apply(t); !errors.Is(err, transfer.ErrRefused) {
		t.Errorf("apply between: %v", err)
	}
	if outcomes, err = s.rotate(t, "generated", resume(i)); err != nil || s.generated != 2 || s.duplicate.holds() != "g2" {
		t.Errorf("%s: %v", results(outcomes), err)
	}
	if diff := cmp.Diff([]string{"g1"}, i.revoked); diff != "" {
		t.Error(diff)
	}
}

// TestRotateMakesNothingThatIsLeftOver: what was issued and surely is in no place is revoked.
func TestRotateMakesNothingThatIsLeftOver(t *testing.T) {
	for class, want := range map[fault.Class][]string{fault.Denied: {"g2"}, fault.Conflict: {"g2"}, fault.Unavailable: nil} {
		s, i := applied(t)
		s.anchor.failNext = class
		if _, err := s.rotate(t, "generated", by(i)); !fault.Is(err, class) {
			t.Errorf("%s: got %v", class, err)
		}
		if diff := cmp.Diff(want, i.revoked); diff != "" {
			t.Errorf("%s: %s", class, diff)
		}
	}
}

func TestRotateWritesNothingUnlessAllCanBeWritten(t *testing.T) {
	for name, breaks := range map[string]func(*setting){
		"Down":    func(s *setting) { s.duplicate.down = true },
		"Foreign": func(s *setting) { s.duplicate.state.Owner.Plan = "q" },
	} {
		t.Run(name, func(t *testing.T) {
			s, i := applied(t)
			before := s.writes()
			breaks(s)
			if _, err := s.rotate(t, "generated", by(i)); !errors.Is(err, transfer.ErrRefused) || s.writes() != before || s.generated != 1 {
				t.Errorf("got %v, %d generated", err, s.generated)
			}
		})
	}
}

func TestRotateThatCannotRevokeSaysThatTheNewOneIsInPlace(t *testing.T) {
	s, i := applied(t)
	i.fails = true
	outcomes, err := s.rotate(t, "generated", by(i))
	if !fault.Is(err, fault.Unavailable) || s.duplicate.holds() != "g2" || outcomes == nil {
		t.Errorf("%s: %v", results(outcomes), err)
	}
}

func TestApplyTakesBackWhatItHadIssuedForNothing(t *testing.T) {
	for class, want := range map[fault.Class]int{fault.Denied: 1, fault.Unavailable: 0} {
		s := newSetting()
		s.anchor.failNext = class
		undone := 0
		w := writing()
		w.Undo = func(context.Context, string) error { undone++; return nil }
		if _, err := s.look(t).Apply(t.Context(), w); !fault.Is(err, class) || undone != want {
			t.Errorf("%s: %v, %d taken back", class, err, undone)
		}
	}
}
