// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// prune deletes the revisions that spec.history does not keep.
func (r *Reconciler) prune(ctx context.Context, run *run) error {
	for _, number := range run.prunable() {
		if err := r.discard(ctx, run, number); err != nil {
			return err
		}
	}
	return nil
}

// discard deletes one revision; zero is none.
func (r *Reconciler) discard(ctx context.Context, run *run, number int64) error {
	if number == 0 {
		return nil
	}
	if err := r.History.Delete(ctx, run.id(number)); err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	run.status.History = slices.DeleteFunc(run.status.History, func(e v1alpha1.HistoryEntry) bool { return e.Revision == number })
	return nil
}

// prunable lists the revisions to delete: the oldest beyond the limit and those past
// their age, but never the serving, the one served before it, or the newest.
func (u *run) prunable() []int64 {
	limit, maxAge := u.object.Spec.History.LimitOrDefault(), u.object.Spec.History.MaxAgeOrDefault()
	var numbers []int64
	for i, entry := range u.status.History { // newest first
		old := maxAge > 0 && u.now.Sub(entry.ObservedAt.Time) >= maxAge
		if (i >= limit || old) && !u.precious(entry.Revision) {
			numbers = append(numbers, entry.Revision)
		}
	}
	return numbers
}

func (u *run) precious(number int64) bool {
	return number == u.status.ServingRevision || number == u.known.Serving || number == u.decision.Serve || number == u.requested ||
		number == newest(u.status.History).Revision ||
		number == u.servedBeforeThat()
}

// servedBeforeThat returns the revision that was served before the one that is, which the
// request for the previous one means; zero if there is none.
func (u *run) servedBeforeThat() int64 {
	for _, entry := range u.status.Served {
		if entry.Revision != u.status.ServingRevision {
			return entry.Revision
		}
	}
	return 0
}

// nextPrune returns when the next revision will be past its age; zero if none will.
func (u *run) nextPrune() time.Duration {
	maxAge := u.object.Spec.History.MaxAgeOrDefault()
	var next time.Duration
	for _, entry := range u.status.History {
		left := maxAge - u.now.Sub(entry.ObservedAt.Time)
		if maxAge > 0 && left > 0 && !u.precious(entry.Revision) && (next == 0 || left < next) {
			next = left
		}
	}
	return next
}
