// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/status"
)

// count tells the metrics what a reconcile came to.
func (r *Reconciler) count(run *run, facts status.Facts) {
	if !facts.Waiting {
		r.Metrics.Synced(fault.ClassOf(facts.Err))
	}
	for _, kind := range run.incidents {
		r.Metrics.Drifted(run.key, kind)
	}
	if run.recorded {
		r.Metrics.Recorded()
	}
	for _, served := range run.served {
		if served.Cause == v1alpha1.CauseRollback {
			r.Metrics.RolledBack(revision.TakenBack(run.decision.Hold.Request) > 0)
		}
	}
	if made := run.made(); !made.IsZero() {
		r.Metrics.Propagated(r.Clock.Since(made))
	}
}

// made returns when the backend made the version that became live just now; zero if none
// did, or it does not say. A version that is older than what was recorded before was not
// what changed.
func (u *run) made() (newest time.Time) {
	before, now := newestBut(u.status.History, u.decision.Record), u.decision.Record
	if !u.recorded || before == nil || u.snapshot == nil || len(u.served) == 0 || u.status.ServingRevision != now {
		return time.Time{}
	}
	for _, result := range u.snapshot.Results {
		newest = later(newest, result.Entry.VersionTime)
	}
	if newest.Before(before.ObservedAt.Time) {
		return time.Time{}
	}
	return newest
}

// newestBut returns the newest entry apart from one; nil if there is none.
func newestBut(entries []v1alpha1.HistoryEntry, number int64) *v1alpha1.HistoryEntry {
	var others []v1alpha1.HistoryEntry
	for _, entry := range entries {
		if entry.Revision != number {
			others = append(others, entry)
		}
	}
	return newest(others)
}
