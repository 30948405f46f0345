// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/fault"
)

// written is a place that an instance's value was written to at a time.
func written(name, instance string, at int64, change func(*destination.Owner)) destination.Found {
	owner := destination.Owner{Plan: "p", Value: "v", Environment: "test", Instance: instance, Time: time.Unix(at, 0)}
	if change != nil {
		change(&owner)
	}
	p := &place{name: name}
	p.hold(name)
	p.state.Owner = owner
	return destination.Found{Place: p, Owner: owner}
}

func names(found []destination.Found) []string {
	var all []string
	for _, f := range found {
		all = append(all, f.Place.Describe())
	}
	return all
}

func TestSelect(t *testing.T) {
	found := []destination.Found{
		written("a7", "pr-7", 10, nil), written("b7", "pr-7", 30, nil), written("a8", "pr-8", 10, nil), written("a8", "pr-8", 10, nil),
		written("shared", "", 1, nil),
		written("prod", "pr-8", 1, func(o *destination.Owner) { o.Environment = "prod" }),
		written("foreign", "pr-8", 1, func(o *destination.Owner) { o.Plan = "q" }),
	}
	cases := map[string]struct {
		instance string
		before   int64
		want     []string
	}{
		"One":      {instance: "pr-7", want: []string{"a7", "b7"}},
		"Absent":   {instance: "pr-70"},
		"Old":      {before: 20, want: []string{"a8"}},
		"AllOld":   {before: 31, want: []string{"a7", "b7", "a8"}},
		"NoneYet":  {before: 10},
		"Everyone": {want: []string{"a7", "b7", "a8"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			which := transfer.Which{Plan: "p", Environment: "test", Instance: tc.instance}
			if tc.before > 0 {
				which.Before = time.Unix(tc.before, 0)
			}
			if diff := cmp.Diff(tc.want, names(transfer.Select(found, which))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	found := []destination.Found{written("first", "pr-7", 1, nil), written("taken", "pr-7", 1, nil), written("fails", "pr-7", 1, nil), written("last", "pr-7", 1, nil)}
	found[1].Place.(*place).state.Owner.Plan = "q"
	found[2].Place.(*place).failNext = fault.Denied
	removals, err := transfer.Remove(t.Context(), found, nil)
	var got []transfer.Result
	for _, r := range removals {
		got = append(got, r.Result)
	}
	if diff := cmp.Diff([]transfer.Result{transfer.Done, transfer.Kept, transfer.Failed, transfer.Done}, got); diff != "" || !fault.Is(err, fault.Denied) || !errors.Is(err, transfer.ErrNotRemoved) {
		t.Error(diff, err)
	}
	if found[0].Place.(*place).state.Exists || !found[1].Place.(*place).state.Exists {
		t.Error("the wrong place was removed")
	}
	if removals, err = transfer.Remove(t.Context(), found, nil); err != nil || removals[2].Result != transfer.Done {
		t.Errorf("the next run does not finish: %v", err)
	}
}

func TestRemoveEndsWithItsContext(t *testing.T) {
	found := []destination.Found{written("first", "pr-7", 1, nil), written("second", "pr-7", 1, nil)}
	ctx, cancel := context.WithCancel(t.Context())
	removals, err := transfer.Remove(ctx, found, func(transfer.Removal) { cancel() })
	if removals[0].Result != transfer.Done || removals[1].Result != transfer.NotDone || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", removals, err)
	}
}
