// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/revision"
)

// relearn works out anew what is known where the newest revision does not verify. The keys
// may be lost, so the digests of the status tell nothing either, and what looks new may be
// what is served: the live target tells. If it holds what the backend holds, its revision
// is recorded again under the keys of now, and what the status tells of the others is
// dropped until they are read and verify.
func (r *Reconciler) relearn(ctx context.Context, run *run) error {
	held := run.observed.Revision(run.key)
	if held == 0 || held < run.known.Newest {
		return nil
	}
	record := history.Record{ID: run.id(held), Content: *run.content, ObservedAt: run.observedAt(), Sources: run.sources, SpecHash: specHash(run.specification())}
	if entry := run.entry(held); entry != nil {
		record.ObservedAt, record.Changes = entry.ObservedAt.Time, entry.Keys
	}
	if err := r.compareLive(ctx, run, held); err != nil || run.relation != revision.Same {
		return err
	}
	run.unrecorded = nil
	run.status.History = slices.DeleteFunc(run.status.History, func(e v1alpha1.HistoryEntry) bool { return e.Revision != held })
	if err := r.rebuildMissing(ctx, run); err != nil {
		return err
	}
	if err := r.History.Delete(ctx, run.id(held)); err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	return r.keep(ctx, run, record)
}
