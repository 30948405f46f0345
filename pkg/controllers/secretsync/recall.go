// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/revision"
)

// recall brings the status's history in step with the revisions that exist, reading
// those it has lost, and works out what is known of the numbers. Without a loss it makes
// no request.
func (r *Reconciler) recall(ctx context.Context, run *run) error {
	kept := r.Index.Numbers(run.key)
	run.status.History = slices.DeleteFunc(run.status.History, func(e v1alpha1.HistoryEntry) bool {
		return e.Revision != run.status.ServingRevision && !slices.Contains(kept, e.Revision)
	})
	if err := r.rebuildMissing(ctx, run); err != nil {
		return err
	}
	for _, number := range r.Index.Orphans(run.key, run.object.UID) {
		if err := r.History.Own(ctx, run.object, run.id(number)); err != nil {
			return err //nolint:wrapcheck // classed and complete
		}
	}
	told := run.told(r.Index.Highest(run.key))
	told.Failed = r.failedRevision(run)
	run.known = revision.Know(told)
	return r.compare(ctx, run)
}

// rebuildMissing reads the revisions that the status does not know.
func (r *Reconciler) rebuildMissing(ctx context.Context, run *run) error {
	for _, number := range r.Index.Numbers(run.key) {
		if run.entry(number) == nil {
			if err := r.rebuild(ctx, run, number); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(run.status.History, func(a, b v1alpha1.HistoryEntry) int { return cmp.Compare(b.Revision, a.Revision) })
	return nil
}

// rebuild reads one revision that the status does not know. One that does not verify is
// told and never served.
func (r *Reconciler) rebuild(ctx context.Context, run *run, number int64) error {
	record, err := r.History.Read(ctx, run.id(number))
	if fault.Is(err, fault.Suspicious) {
		run.unrecorded = err
		return nil
	}
	if err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	run.status.History = append(run.status.History, record.Entry(r.Keys))
	return nil
}

// told gathers what status, target and revisions tell.
func (u *run) told(indexed int64) revision.Told {
	told := revision.Told{
		Indexed: indexed, Asked: u.object.Annotations[v1alpha1.AnnotationRollbackTo],
		Accepted: u.object.Annotations[v1alpha1.AnnotationAccept],
		Target:   revision.Target{Number: u.observed.Revision(u.key), HeldFor: u.observed.HeldFor(u.key)},
		Status:   revision.Status{Serving: u.status.ServingRevision, Newest: u.status.NewestRevision},
	}
	for _, entry := range u.status.History {
		told.Kept = append(told.Kept, entry.Revision)
	}
	if entry := newest(u.status.History); entry != nil {
		told.Newest = entry.Revision
	}
	if hold := u.status.Rollback; hold != nil {
		told.Status.Held = revision.Hold{Request: hold.Requested, Number: hold.Revision}
	}
	for _, served := range u.status.Served {
		told.Status.Lives = append(told.Status.Lives, revision.Life{Number: served.Revision, From: served.From.Time})
	}
	return told
}

// newest returns the entry that was observed last, of several within a second the one with
// the highest number; nil if there is none. The number alone does not tell: a backup tool
// may bring back old revisions with higher numbers than those that were given out since. What
// was adopted, and so came from no backend, counts only where there is nothing else.
func newest(entries []v1alpha1.HistoryEntry) *v1alpha1.HistoryEntry {
	var last *v1alpha1.HistoryEntry
	for i := range entries {
		if entry := &entries[i]; last == nil || newer(entry, last) {
			last = entry
		}
	}
	return last
}

func newer(a, b *v1alpha1.HistoryEntry) bool {
	switch readA, readB := len(a.Sources) > 0, len(b.Sources) > 0; {
	case readA != readB:
		return readA
	case a.ObservedAt.Equal(&b.ObservedAt):
		return a.Revision > b.Revision
	default:
		return a.ObservedAt.After(b.ObservedAt.Time)
	}
}

// observedAt returns the time of a revision that is recorded now: never before that of the
// newest, or a clock that was put back would make it look old.
func (u *run) observedAt() time.Time {
	if last := newest(u.status.History); last != nil {
		return later(u.now, last.ObservedAt.Time)
	}
	return u.now
}

// compare says how what the backend holds relates to the newest revision. Where no
// digest tells (the status and the revision are lost, or the keys are), the live target
// that holds the newest number does.
func (r *Reconciler) compare(ctx context.Context, run *run) error {
	if run.content == nil {
		run.relation = revision.None
		return nil
	}
	run.relation = revision.New
	newest := run.known.Newest
	if r.newestLost(run) {
		return nil
	}
	if newest > 0 && r.Keys.MatchesDigest(run.digest(newest), run.id(newest), run.content.Type, run.content.Data) {
		run.relation = revision.Same
		return nil
	}
	held := run.observed.Revision(run.key)
	if held == 0 || held < newest || run.unrecorded == nil && run.entry(held) != nil {
		return nil
	}
	return r.compareLive(ctx, run, held)
}

// newestLost reports whether the newest state is neither served nor kept any more, so that
// only the backend can tell it.
func (r *Reconciler) newestLost(run *run) bool {
	newest := run.before.NewestRevision
	return newest > max(run.known.Newest, run.known.Serving) && !r.Index.Has(run.id(newest))
}

// missNewest has the newest state read again where it is lost.
func (r *Reconciler) missNewest(run *run) {
	if run.content == nil && r.newestLost(run) {
		run.unkept = fault.New(fault.Suspicious, history.ReasonMissing,
			"revision %d, the newest state, is not kept any more; it is recorded again when the backend is read", run.before.NewestRevision)
		run.unrecorded = run.unkept
	}
}

// compareLive takes the live target for the newest revision, if it holds what the
// backend holds.
func (r *Reconciler) compareLive(ctx context.Context, run *run, held int64) error {
	live, err := r.look(ctx, run)
	if err != nil {
		return err
	}
	if !live.Exists() || !live.Content().Equal(*run.content) {
		return nil
	}
	run.relation, run.known.Newest = revision.Same, held
	run.setEntry(history.Record{
		ID: run.id(held), Content: *run.content, ObservedAt: run.observedAt(), Sources: run.sources,
	}.Entry(r.Keys))
	return nil
}

// setEntry puts an entry into the history, in place of one with its number.
func (u *run) setEntry(entry v1alpha1.HistoryEntry) {
	u.status.History = slices.DeleteFunc(u.status.History, func(e v1alpha1.HistoryEntry) bool { return e.Revision == entry.Revision })
	u.status.History = slices.Insert(u.status.History, 0, entry)
	slices.SortFunc(u.status.History, func(a, b v1alpha1.HistoryEntry) int { return cmp.Compare(b.Revision, a.Revision) })
}
