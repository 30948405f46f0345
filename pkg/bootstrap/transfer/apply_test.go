// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// setting is a plan in small: a value of a source, one generated with two places, and one made
// of that.
type setting struct {
	sourced, anchor, duplicate, made *place

	source    string
	generated int
}

func newSetting() *setting {
	return &setting{sourced: &place{name: "sourced"}, anchor: &place{name: "anchor"}, duplicate: &place{name: "copy"}, made: &place{name: "made"}, source: "s1"}
}

func (s *setting) places() []*place { return []*place{s.sourced, s.anchor, s.duplicate, s.made} }

func (s *setting) writes() int {
	n := 0
	for _, p := range s.places() {
		n += p.writes
	}
	return n
}

func (s *setting) issue(context.Context) (sensitive.Value, error) {
	s.generated++
	return sensitive.FromString(fmt.Sprintf("g%d", s.generated)), nil
}

func (s *setting) look(t fataler) *transfer.Survey { return s.lookWith(t, transfer.NewValues()) }

func (s *setting) lookWith(t fataler, values *transfer.Values) *transfer.Survey {
	values.Set("sourced", sensitive.FromString(s.source))
	values.SetMaker("generated", s.issue)
	values.SetTemplate("made", "{value:sourced}+{value:generated}")
	item := func(value, stage string, p *place, mode plan.WriteMode) transfer.Item {
		owner := us()
		owner.Value = value
		return transfer.Item{Value: value, Stage: stage, Place: p, Mode: mode, Owner: owner, Generated: value == "generated", Anchor: p == s.anchor}
	}
	survey, err := transfer.Look(context.Background(), values, []transfer.Item{
		item("sourced", "one", s.sourced, plan.IfAbsent),
		item("made", "two", s.made, plan.Overwrite),
		item("generated", "two", s.duplicate, plan.IfAbsent),
		item("generated", "two", s.anchor, plan.IfAbsent),
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return survey
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func writing() transfer.Writing { return transfer.Writing{Now: time.Unix(1_000, 5)} }

func (s *setting) apply(t fataler) ([]transfer.Outcome, error) {
	return s.look(t).Apply(context.Background(), writing())
}

func results(outcomes []transfer.Outcome) string {
	text := ""
	for _, o := range outcomes {
		text += o.Place.Describe() + ":" + string(o.Result) + " "
	}
	return text
}

func TestApplyWritesTheAnchorFirstAndIsDoneThen(t *testing.T) {
	s := newSetting()
	outcomes, err := s.apply(t)
	if diff := cmp.Diff("sourced:Done anchor:Done made:Done copy:Done ", results(outcomes)); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if s.anchor.holds() != "g1" || s.duplicate.holds() != "g1" || s.made.holds() != "s1+g1" {
		t.Errorf("wrong values: %s, %s, %s", s.anchor.holds(), s.duplicate.holds(), s.made.holds())
	}
	if owner := s.anchor.state.Owner; !owner.Time.Equal(time.Unix(1_000, 0)) {
		t.Errorf("written at %s", owner.Time)
	}
	if outcomes, err = s.apply(t); err != nil || s.writes() != 4 || s.generated != 1 {
		t.Errorf("the second run: %s, %v, %d writes, %d generated", results(outcomes), err, s.writes(), s.generated)
	}
}

func TestApplyStopsAtTheFirstFailureAndSaysSo(t *testing.T) {
	s := newSetting()
	s.anchor.failNext = fault.Unavailable
	outcomes, err := s.apply(t)
	if diff := cmp.Diff("sourced:Done anchor:Failed made:NotDone copy:NotDone ", results(outcomes)); diff != "" || !fault.Is(err, fault.Unavailable) {
		t.Fatal(diff, err)
	}
	if begun, ok := errors.AsType[*transfer.WriteError](err); !ok || begun.Value != "generated" || begun.Place != "anchor" {
		t.Errorf("%v does not name the step", err)
	}
	if outcomes, err = s.apply(t); err != nil {
		t.Errorf("the next run does not finish: %s, %v", results(outcomes), err)
	}
}

func TestApplyWritesNothingIfAnyStepIsRefused(t *testing.T) {
	s := newSetting()
	s.duplicate.hold("by hand")
	outcomes, err := s.apply(t)
	if !errors.Is(err, transfer.ErrRefused) || s.writes() != 0 || s.generated != 0 {
		t.Errorf("%s, %v, %d writes", results(outcomes), err, s.writes())
	}
}

// TestApplyWritesNothingOfARefusedValue, nor of what is made of it.
func TestApplyWritesNothingOfARefusedValue(t *testing.T) {
	s := newSetting()
	values := transfer.NewValues()
	survey := s.lookWith(t, values)
	values.Refuse("sourced", "it is another's")
	steps := survey.Steps(transfer.Applying)
	if steps[0].Action != transfer.Refuse || steps[2].Value != "made" || steps[2].Action != transfer.Refuse || steps[1].Action != transfer.Create {
		t.Errorf("got %+v", steps)
	}
	if outcomes, err := survey.Apply(t.Context(), writing()); !errors.Is(err, transfer.ErrRefused) || s.writes() != 0 || s.generated != 0 {
		t.Errorf("%s, %v, %d writes", results(outcomes), err, s.writes())
	}
	if outcomes, err := survey.Rotate(t.Context(), transfer.Rotation{Writing: writing(), Name: "generated"}); !errors.Is(err, transfer.ErrRefused) || s.generated != 0 {
		t.Errorf("%s, %v", results(outcomes), err)
	}
}

func TestApplyWritesTheStagesBeforeOneThatCannotBeReached(t *testing.T) {
	s := newSetting()
	s.anchor.down = true
	outcomes, err := s.apply(t)
	if diff := cmp.Diff("sourced:Done anchor:NotDone made:NotDone copy:NotDone ", results(outcomes)); diff != "" || !errors.Is(err, transfer.ErrUnreachable) {
		t.Error(diff, err)
	}
}

func TestApplyDoesNotWriteOverAnotherWriter(t *testing.T) {
	s := newSetting()
	s.sourced.moved = true
	if _, err := s.apply(t); !fault.Is(err, fault.Conflict) || s.sourced.holds() != "of another writer" {
		t.Errorf("got %v, and it holds %q", err, s.sourced.holds())
	}
}

func TestApplyEndsWithItsContext(t *testing.T) {
	s := newSetting()
	ctx, cancel := context.WithCancel(t.Context())
	survey := s.look(t)
	w := writing()
	w.Progress = func(transfer.Outcome) { cancel() }
	outcomes, err := survey.Apply(ctx, w)
	if diff := cmp.Diff("sourced:Done anchor:Failed made:NotDone copy:NotDone ", results(outcomes)); diff != "" || !errors.Is(err, context.Canceled) {
		t.Error(diff, err)
	}
}

// TestWhateverFailsTheNextRunFinishes: after any failures, and with sources that change
// meanwhile, a run without failures ends with each place holding what it should, and a further
// one writes nothing.
func TestWhateverFailsTheNextRunFinishes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSetting()
		for range rapid.IntRange(0, 6).Draw(t, "runs") {
			p := s.places()[rapid.IntRange(0, 3).Draw(t, "place")]
			p.down = rapid.Bool().Draw(t, "down")
			p.failNext = rapid.SampledFrom([]fault.Class{"", fault.Unavailable, fault.Denied, fault.Conflict}).Draw(t, "class")
			s.source = rapid.SampledFrom([]string{"s1", "s2"}).Draw(t, "source")
			before := s.sourced.holds()
			_, _ = s.apply(t)
			if before != "" && s.sourced.holds() != before {
				t.Fatalf("IfAbsent was written over")
			}
			for _, p := range s.places() {
				p.down, p.failNext = false, ""
			}
		}
		if outcomes, err := s.apply(t); err != nil {
			t.Fatalf("%s: %v", results(outcomes), err)
		}
		if s.duplicate.holds() != s.anchor.holds() || s.made.holds() != s.source+"+"+s.anchor.holds() {
			t.Fatalf("%s, %s, %s", s.anchor.holds(), s.duplicate.holds(), s.made.holds())
		}
		before := s.writes()
		if _, err := s.apply(t); err != nil || s.writes() != before {
			t.Fatalf("the last run wrote: %v", err)
		}
	})
}

func TestLookOnlyAnchorThatIsEmptyHoldsUpWhatIsMadeOfIt(t *testing.T) {
	values := transfer.NewValues()
	values.SetMaker("g", func(context.Context) (sensitive.Value, error) { t.Error("made"); return sensitive.Value{}, nil })
	values.SetTemplate("made", "{value:g}")
	anchor, made := &place{name: "anchor"}, &place{name: "made"}
	items := []transfer.Item{
		{Value: "g", Stage: "one", Place: anchor, Mode: plan.IfAbsent, Generated: true, Anchor: true, LookOnly: true},
		{Value: "made", Stage: "two", Place: made, Mode: plan.IfAbsent},
	}
	survey, err := transfer.Look(t.Context(), values, items)
	if err != nil {
		t.Fatal(err)
	}
	if steps := survey.Steps(transfer.Applying); len(steps) != 1 || steps[0].Action != transfer.Unreachable {
		t.Errorf("got %+v", steps)
	}
	anchor.hold("x")
	if survey, err = transfer.Look(t.Context(), values, items); err != nil {
		t.Fatal(err)
	}
	if _, err := survey.Apply(t.Context(), writing()); err != nil || made.holds() != "x" || anchor.writes != 0 {
		t.Errorf("made holds %q, %v", made.holds(), err)
	}
}
