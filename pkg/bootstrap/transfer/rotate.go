// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"fmt"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// ErrNothingNew is in the chain of the error about a value whose source still gives the one
// that is in place.
var ErrNothingNew = errors.New("nothing to rotate")

// Rotation says how to rotate.
type Rotation struct {
	Writing

	// Name is the value.
	Name string
	// Issuer issues the value, if a server does; else nil.
	Issuer Issuer
	// Resume copies what the anchor holds, instead of making a new value: it finishes a
	// rotation that was cut.
	Resume bool
}

// Rotate writes a new value everywhere, its anchor first, whatever is there; what is made of it
// follows. Then the old credential is revoked, if a server issued it. Nothing is written
// unless every place can be.
func (s *Survey) Rotate(ctx context.Context, r Rotation) ([]Outcome, error) {
	old := s.previous(r.Name)
	if err := s.renew(ctx, r); err != nil {
		return nil, err
	}
	steps := s.Steps()
	for i := range steps {
		s.force(&steps[i])
		if step := steps[i]; step.Action == Refuse || step.Action == Unreachable {
			err := fmt.Errorf("%w: value %s at %s: %s", ErrRefused, step.Value, step.Place.Describe(), step.Reason)
			return untouched(steps), errors.Join(err, s.undo(ctx, r))
		}
	}
	if !r.Resume && !writesAny(steps) {
		return untouched(steps), fmt.Errorf("%w: value %s is in place everywhere already; change it where it comes from first", ErrNothingNew, r.Name)
	}
	r.Undo = func(ctx context.Context, _ string) error { return s.undo(ctx, r) }
	outcomes, err := s.write(ctx, r.Writing, steps, "")
	if err != nil || r.Issuer == nil {
		return outcomes, err
	}
	return outcomes, s.revoke(ctx, r, old)
}

// previous returns what is in place before a rotation, each value once.
func (s *Survey) previous(name string) []sensitive.Value {
	var old []sensitive.Value
	for _, seen := range s.seen {
		if seen.Value != name || !seen.observed.Exists || !seen.observed.Readable {
			continue
		}
		known := false
		for _, other := range old {
			known = known || other.Equal(seen.observed.Value)
		}
		if !known {
			old = append(old, seen.observed.Value)
		}
	}
	return old
}

// renew makes a generated value anew; it is made only if every place may be written.
func (s *Survey) renew(ctx context.Context, r Rotation) error {
	if r.Resume {
		if s.values.Want(r.Name).State != Known {
			return fmt.Errorf("%w: value %s is in no place that it is copied from", ErrRefused, r.Name)
		}
		return nil
	}
	if _, generated := s.values.makers[r.Name]; !generated {
		return nil
	}
	for _, seen := range s.seen {
		if seen.err != nil {
			return fmt.Errorf("%w: value %s at %s: %w", ErrRefused, seen.Value, seen.Place.Describe(), seen.err)
		}
		if !seen.ours() {
			return fmt.Errorf("%w: value %s at %s is recorded as %s", ErrRefused, seen.Value, seen.Place.Describe(), seen.observed.Owner)
		}
	}
	return s.values.renew(ctx, r.Name)
}

// force has a step write what differs, even where a run that does not rotate would leave it.
func (s *Survey) force(step *Step) {
	if step.Mode == plan.Verify && step.Action == Refuse {
		step.Action, step.Reason = Keep, "write: Verify leaves writing to others"
		return
	}
	if step.Err != nil || !step.Observed.Exists || !(&sight{Item: step.Item, observed: step.Observed}).ours() {
		return
	}
	want := s.values.Want(step.Value)
	same := step.Observed.Readable && want.State == Known && step.Observed.Value.Equal(want.Value)
	if want.State == Known && !same && step.Mode != plan.Verify {
		step.Action, step.Reason = Change, "it is rotated"
	}
}

func writesAny(steps []Step) bool {
	for _, step := range steps {
		if step.Action.Writes() {
			return true
		}
	}
	return false
}

// undo ends a credential that was issued for nothing.
func (s *Survey) undo(ctx context.Context, r Rotation) error {
	want := s.values.Want(r.Name)
	if r.Issuer == nil || r.Resume || want.State != Known {
		return nil
	}
	if err := r.Issuer.Revoke(ctx, want.Value); err != nil {
		return fmt.Errorf("revoking the new credential, which is not in use: %w", err)
	}
	return nil
}

// revoke ends the old credentials, now that nothing holds them.
func (s *Survey) revoke(ctx context.Context, r Rotation, old []sensitive.Value) error {
	current := s.values.Want(r.Name)
	for _, value := range old {
		if value.Equal(current.Value) {
			continue
		}
		if err := r.Issuer.Revoke(ctx, value); err != nil {
			return fmt.Errorf("the new value is in place everywhere; revoking the old one of %s: %w", r.Name, err)
		}
	}
	return nil
}
