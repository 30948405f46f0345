// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
)

// Which says what to remove.
type Which struct {
	// Plan and Environment are whose values.
	Plan, Environment string
	// Instance is the one whose values; empty for those of every instance.
	Instance string
	// Before leaves an instance alone of which any value was written then or later; zero
	// does not look at the time.
	Before time.Time
}

// Select returns what is to be removed of what was found, by what is recorded there. What
// belongs to no instance is never removed.
func Select(found []destination.Found, which Which) []destination.Found {
	newest := map[string]time.Time{}
	for _, f := range found {
		if which.ours(f.Owner) && f.Owner.Time.After(newest[f.Owner.Instance]) {
			newest[f.Owner.Instance] = f.Owner.Time
		}
	}
	var selected []destination.Found
	seen := map[string]bool{}
	for _, f := range found {
		old := which.Before.IsZero() || newest[f.Owner.Instance].Before(which.Before)
		if which.ours(f.Owner) && old && !seen[f.Place.Describe()] {
			seen[f.Place.Describe()] = true
			selected = append(selected, f)
		}
	}
	return selected
}

func (w Which) ours(o destination.Owner) bool {
	return o.Plan == w.Plan && o.Environment == w.Environment && o.Instance != "" && (w.Instance == "" || o.Instance == w.Instance)
}

// Removal is a place with what became of it.
type Removal struct {
	destination.Found

	// Result is what became of it.
	Result Result
	// Err is why it failed.
	Err error
}

// ErrNotRemoved is in the chain of the error about places that could not be removed; the others
// were.
var ErrNotRemoved = errors.New("not everything was removed")

// Remove removes what was found. One place that fails keeps no other; only the end of ctx does,
// and then the rest is not begun. A place that has another owner by now is left.
func Remove(ctx context.Context, found []destination.Found, progress func(Removal)) ([]Removal, error) {
	var removals []Removal
	var failures []error
	for _, f := range found {
		removal := Removal{Found: f, Result: NotDone, Err: context.Cause(ctx)}
		if removal.Err == nil {
			removal.Result, removal.Err = removeOne(ctx, f)
		}
		if removal.Err != nil {
			failures = append(failures, fmt.Errorf("removing value %s of instance %s from %s: %w", f.Owner.Value, f.Owner.Instance, f.Place.Describe(), removal.Err))
		}
		removals = append(removals, removal)
		if progress != nil {
			progress(removal)
		}
	}
	if len(failures) > 0 {
		return removals, fmt.Errorf("%w: %w", ErrNotRemoved, errors.Join(failures...))
	}
	return removals, nil
}

func removeOne(ctx context.Context, f destination.Found) (Result, error) {
	observed, err := f.Place.Observe(ctx)
	if err != nil {
		return Failed, err
	}
	if !observed.Exists || !observed.Owner.Same(f.Owner) {
		return Kept, nil
	}
	if err := f.Place.Remove(ctx, observed); err != nil {
		return Failed, err
	}
	return Done, nil
}
