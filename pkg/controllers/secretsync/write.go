// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/pkg/target"
)

// write makes the target hold the revision that was decided on. If the cache shows that
// it does, nothing is asked of the API server.
func (r *Reconciler) write(ctx context.Context, run *run) error {
	if done, err := r.leave(ctx, run); done || err != nil {
		return err
	}
	number := run.decision.Serve
	if number == 0 {
		return nil
	}
	want := run.want(number)
	if run.observed.Holds(want, run.digest(number)) {
		run.holds(number, v1alpha1.CauseNewVersion)
		return nil
	}
	if run.paused() {
		return nil
	}
	if run.unjudged(number) {
		return nil
	}
	content, err := r.contentOf(ctx, run, number)
	if err != nil {
		return err
	}
	if !run.observed.Exists() && run.status.ServingRevision == 0 {
		created, err := r.Targets.Create(ctx, want, content)
		if err != nil {
			return err //nolint:wrapcheck // classed and complete
		}
		if created {
			run.holds(number, v1alpha1.CauseNewVersion)
			return nil
		}
	}
	live, err := r.Targets.Look(ctx, want, run.servedBefore())
	if err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	return r.correct(ctx, run, live, content)
}

// correct brings a live target to the revision that was decided on.
func (r *Reconciler) correct(ctx context.Context, run *run, live target.Live, content render.Content) error {
	number := run.decision.Serve
	cause := v1alpha1.CauseNewVersion
	if live.Exists() && live.Ownership == target.Adoptable {
		var err error
		if number, err = r.adopt(ctx, run, live, content); err != nil {
			return err
		}
		if number == run.decision.Serve {
			cause = v1alpha1.CauseAdopt
		}
	}
	want := run.want(number)
	differs := live.Differences(want, content)
	if len(differs) == 0 {
		run.holds(number, cause)
		return nil
	}
	drift := run.isDrift(live, number)
	if drift && run.object.Spec.Drift.Policy == v1alpha1.DriftReport {
		run.report(live, differs)
		return nil
	}
	if err := r.put(ctx, live, want, content); err != nil {
		return err
	}
	if drift {
		run.repaired(live, differs)
	}
	run.holds(number, cause)
	return nil
}

func (r *Reconciler) put(ctx context.Context, live target.Live, want target.Want, content render.Content) error {
	if live.Exists() {
		return r.Targets.Update(ctx, live, want, content) //nolint:wrapcheck // classed and complete
	}
	created, err := r.Targets.Create(ctx, want, content)
	if err == nil && !created {
		err = fault.New(fault.Conflict, "Conflict", "Secret %q appeared while it was being created", want.Name)
	}
	return err //nolint:wrapcheck // classed and complete
}

// isDrift reports whether a difference is somebody else's doing: the target holds, by its
// own word, what it should, or is gone although it was served; and no edit of the
// specification explains it.
func (u *run) isDrift(live target.Live, number int64) bool {
	if u.intended() || live.Exists() && live.Ownership != target.Ours {
		return false
	}
	if !live.Exists() || live.Revision() == 0 {
		return u.servedBefore()
	}
	return live.Revision() == number
}

// unjudged reports whether nothing tells what the revision held that the target says it
// holds: status and revision are lost, and the backend does not answer. It is left alone.
func (u *run) unjudged(number int64) bool {
	return u.content == nil && u.digest(number) == "" && u.observed.Revision(u.key) == number
}

// contentOf returns what a revision holds: what was just rendered, else what was recorded.
func (r *Reconciler) contentOf(ctx context.Context, run *run, number int64) (render.Content, error) {
	if run.content != nil && (number == run.decision.Record || r.Keys.MatchesDigest(run.digest(number), run.id(number), run.content.Type, run.content.Data)) {
		return *run.content, nil
	}
	record, err := r.History.Read(ctx, run.id(number))
	return record.Content, err //nolint:wrapcheck // classed and complete
}

// adopt records what a foreign Secret holds before it is taken over, and returns the
// number under which its owner's own content is to be served: a new one, so that the
// newest revision stays the backend's. What cannot be recorded is not taken over.
func (r *Reconciler) adopt(ctx context.Context, run *run, live target.Live, content render.Content) (int64, error) {
	found := live.Content()
	known := slices.ContainsFunc(run.status.History, func(e v1alpha1.HistoryEntry) bool {
		return r.Keys.MatchesDigest(e.Digest, run.id(e.Revision), found.Type, found.Data)
	})
	if known {
		return run.decision.Serve, nil
	}
	next := max(run.known.Highest, r.Index.Highest(run.key)) + 1
	adopted := history.Record{
		ID: run.id(next), Content: found, ObservedAt: run.now, Changes: render.Diff(render.Content{}, found),
	}
	own := history.Record{
		ID: run.id(next + 1), Content: content, ObservedAt: run.now, Sources: run.sources,
		Changes: render.Diff(found, content), SpecHash: specHash(&run.object.Spec),
	}
	for _, record := range []history.Record{adopted, own} {
		if err := r.History.Create(ctx, run.object, record); err != nil {
			return 0, err //nolint:wrapcheck // classed and complete
		}
		run.setEntry(record.Entry(r.Keys))
	}
	run.serve(adopted.ID.Number, v1alpha1.CauseAdopt)
	return own.ID.Number, r.discard(ctx, run, run.decision.Record)
}

// leave reports whether the target is to be deleted or left alone because its source is
// gone, and deletes it.
func (r *Reconciler) leave(ctx context.Context, run *run) (bool, error) {
	if run.object.Spec.Target.OnSourceGone != v1alpha1.Delete || run.content != nil {
		return false, nil
	}
	if ready := meta.FindStatusCondition(run.before.Conditions, v1alpha1.ConditionReady); ready != nil &&
		ready.Reason == status.ReasonSourceGone {
		run.idle = status.ReasonSourceGone
		return true, nil
	}
	if !run.gone {
		return false, nil
	}
	live, err := r.Targets.Look(ctx, run.want(run.known.Serving), run.servedBefore())
	if err != nil {
		return true, err //nolint:wrapcheck // classed and complete
	}
	if live.Exists() && live.Ownership == target.Ours {
		if err := r.Targets.Delete(ctx, live); err != nil {
			return true, err //nolint:wrapcheck // classed and complete
		}
		run.tell(events.Removed(run.object.TargetName()))
	}
	run.idle = status.ReasonSourceGone
	run.status.ServingRevision, run.status.Target = 0, ""
	return true, nil
}

// holds notes that the target holds a revision.
func (u *run) holds(number int64, cause string) {
	if u.status.ServingRevision != number {
		u.serve(number, cause)
	}
	u.status.Target = u.object.TargetName()
	u.status.NewestRevision = max(u.known.Newest, u.status.NewestRevision, number)
}

// maxServed bounds how many changes of what is served a status tells.
const maxServed = 20

// serve notes that another revision became live.
func (u *run) serve(number int64, cause string) {
	entry := v1alpha1.ServedEntry{Revision: number, From: metav1.NewTime(u.now.UTC().Truncate(time.Second)), Cause: cause}
	if u.status.ServingRevision > 0 {
		u.tell(events.Served(u.object.TargetName(), u.status.ServingRevision, number, cause))
	}
	u.status.ServingRevision = number
	u.status.Served = slices.Insert(u.status.Served, 0, entry)
	u.status.Served = u.status.Served[:min(len(u.status.Served), maxServed)]
	u.served = append(u.served, entry)
}

// repaired notes that somebody else's change was put right.
func (u *run) repaired(live target.Live, differs []target.Difference) {
	drift := u.driftStatus(live, differs)
	u.status.Drift = drift
	u.tell(events.Repaired(u.object.TargetName(), drift.Kind, drift.Keys, drift.By))
}

// report notes that somebody else's change is left as it is.
func (u *run) report(live target.Live, differs []target.Difference) {
	drift := u.driftStatus(live, differs)
	if old := u.before.Drift; old != nil && old.Kind == drift.Kind && slices.Equal(old.Keys, drift.Keys) && old.By == drift.By {
		drift = old
	} else {
		u.tell(events.Drifted(u.object.TargetName(), drift.Kind, drift.Keys, drift.By))
	}
	u.status.Drift = drift
	u.drifted = fmt.Sprintf("the Secret differs from revision %d (%s) and spec.drift.policy is Report", u.decision.Serve, drift.Kind)
}

func (u *run) driftStatus(live target.Live, differs []target.Difference) *v1alpha1.DriftStatus {
	drift := &v1alpha1.DriftStatus{
		Kind: string(differs[0].Kind), By: live.By(differs), Since: metav1.NewTime(u.now.UTC().Truncate(time.Second)),
	}
	for _, difference := range differs {
		drift.Keys = append(drift.Keys, difference.Keys...)
	}
	slices.Sort(drift.Keys)
	drift.Keys = slices.Compact(drift.Keys)
	drift.Keys = drift.Keys[:min(len(drift.Keys), maxListed)]
	return drift
}
