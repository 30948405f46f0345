// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
// follows. Then the old credential is revoked, if a server issued it. Nothing is made or written
// unless every place can be.
func (s *Survey) Rotate(ctx context.Context, r Rotation) ([]Outcome, error) {
	old := s.previous(r.Name)
	_, generated := s.values.makers[r.Name]
	switch {
	case r.Resume && s.values.Want(r.Name).State != Known:
		return nil, fmt.Errorf("%w: value %s is in no place that it is copied from", ErrRefused, r.Name)
	case generated && !r.Resume:
		s.values.forget(r.Name)
	}
	steps := s.Steps(Rotating)
	if err := refusal(steps, Refuse, Unreachable); err != nil {
		return untouched(steps), err
	}
	if !r.Resume && !slices.ContainsFunc(steps, func(step Step) bool { return step.Action.Writes() }) {
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
