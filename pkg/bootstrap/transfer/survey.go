// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
)

// errNotMade is in the chain of the error about a value whose parts were not written before.
var errNotMade = errors.New("what it is made of has not been written yet")

// lookers is how many places are observed at once.
const lookers = 4

// Survey is what was found at every place.
type Survey struct {
	values *Values
	seen   []sight
}

// sight is an item with what is there.
type sight struct {
	Item

	observed destination.State
	err      error
}

// Look looks at every place, the anchors first: what they hold is the value from then on. It
// writes nothing. Its error is that of ctx only; that of a place belongs to its step. Items
// are in the order of their stages.
func Look(ctx context.Context, values *Values, items []Item) (*Survey, error) {
	s := &Survey{values: values, seen: make([]sight, len(items))}
	var group errgroup.Group
	group.SetLimit(lookers)
	for i, item := range items {
		s.seen[i].Item = item
		group.Go(func() error {
			s.seen[i].observed, s.seen[i].err = item.Place.Observe(ctx)
			return nil
		})
	}
	_ = group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	s.learn()
	return s, nil
}

// learn takes what the anchors hold for the value.
func (s *Survey) learn() {
	for _, seen := range s.seen {
		if !seen.Anchor {
			continue
		}
		if why := seen.unusable(); why != "" {
			s.values.setPending(seen.Value, "it is copied from "+seen.Place.Describe()+", which "+why)
		} else if seen.observed.Exists {
			s.values.Set(seen.Value, seen.observed.Value)
		}
	}
}

// unusable says why what an anchor holds cannot be taken for the value; empty if it can, or if
// the value is yet to be made.
func (s *sight) unusable() string {
	switch {
	case s.err != nil:
		return "cannot be looked at"
	case !s.observed.Exists && s.LookOnly:
		return "is empty: apply stage " + s.Stage + " first"
	case !s.observed.Exists:
		return ""
	case !s.observed.Readable:
		return "cannot be read back"
	case !s.ours():
		return "somebody else has written to"
	default:
		return ""
	}
}

// ours reports whether nobody else is recorded as the writer.
func (s *sight) ours() bool {
	return s.observed.Owner.IsZero() || s.observed.Owner.Same(s.Owner)
}

// Steps decides about every item, in the order in which they are to be done: stage by stage,
// in each the anchors first.
func (s *Survey) Steps(purpose Purpose) []Step {
	var steps []Step
	for _, seen := range s.seen {
		if seen.LookOnly {
			continue
		}
		action, reason := Decide(purpose, seen.Item, s.values.Want(seen.Value), seen.observed, seen.err)
		steps = append(steps, Step{Item: seen.Item, Observed: seen.observed, Action: action, Reason: reason, Err: seen.err})
	}
	return inOrder(steps)
}

// inOrder sorts within each stage; the stages follow each other already.
func inOrder(steps []Step) []Step {
	rank := map[string]int{}
	for _, step := range steps {
		if _, known := rank[step.Stage]; !known {
			rank[step.Stage] = len(rank)
		}
	}
	first := func(step Step) int {
		if step.Anchor {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(steps, func(a, b Step) int {
		if rank[a.Stage] != rank[b.Stage] {
			return rank[a.Stage] - rank[b.Stage]
		}
		return first(a) - first(b)
	})
	return steps
}

// Verdict is an item with what it was found to be.
type Verdict struct {
	Item

	// Finding is what it was found to be, and Reason more about it.
	Finding Finding
	Reason  string
	// Refused says why the value must not be there, whether it is or not; empty if it may.
	Refused string
	// Err is why the place could not be looked at.
	Err error
}

// Verdicts compares every place with what it should hold.
func (s *Survey) Verdicts() []Verdict {
	var verdicts []Verdict
	for _, seen := range s.seen {
		if seen.LookOnly {
			continue
		}
		want := s.values.Want(seen.Value)
		finding, reason := Judge(seen.Item, want, seen.observed, seen.err)
		verdicts = append(verdicts, Verdict{Item: seen.Item, Finding: finding, Reason: reason, Refused: want.Refused, Err: seen.err})
	}
	return verdicts
}
