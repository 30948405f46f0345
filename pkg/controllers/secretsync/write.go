// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/fieldowner"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
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
	if err := r.aim(ctx, run, number); err != nil {
		return err
	}
	return r.fill(ctx, run, number)
}

// fill makes the Secret that was aimed at hold a revision.
func (r *Reconciler) fill(ctx context.Context, run *run, number int64) error {
	switch {
	case run.observed.Holds(run.want(number), run.digest(number)) && !run.unannounced(number):
		run.holds(number, run.cause())
		return nil
	case run.paused():
		return nil
	case run.heldUnknown(number):
		run.holds(number, run.cause())
		run.unrecorded = fault.New(fault.Suspicious, history.ReasonMissing,
			"revision %d is held and not kept: what the Secret holds cannot be verified", number)
		return nil
	case run.unjudged(number):
		return nil
	}
	content, err := r.contentOf(ctx, run, number)
	if run.waiting && fault.Is(err, fault.Suspicious) {
		return nil // The read that is under way tells more than a revision that does not verify.
	}
	if err != nil {
		return err
	}
	return r.bring(ctx, run, content)
}

// bring creates the target where the cache has none and none was served, else looks at
// the live one and corrects it.
func (r *Reconciler) bring(ctx context.Context, run *run, content render.Content) error {
	if err := r.name(ctx, run, content); err != nil {
		return err
	}
	want := run.want(run.decision.Serve)
	if !run.observed.Exists() && run.status.ServingRevision == 0 {
		want.Restart = r.restarting(run, target.Live{}, run.decision.Serve, content)
		created, err := r.Targets.Create(ctx, want, content)
		if err != nil {
			return err //nolint:wrapcheck // classed and complete
		}
		if created {
			run.restart = want.Restart
			run.holds(run.decision.Serve, run.cause())
			return nil
		}
	}
	live, err := r.look(ctx, run)
	if err == nil {
		live, err = r.judge(ctx, run, live, content)
	}
	if err != nil {
		return err
	}
	return r.correct(ctx, run, live, content)
}

// look reads the live target, once in a reconcile: a write on what changed since is a
// Conflict.
func (r *Reconciler) look(ctx context.Context, run *run) (target.Live, error) {
	if run.live != nil {
		return *run.live, nil
	}
	live, err := r.Targets.Look(ctx, run.want(run.decision.Serve), run.servedBefore())
	if err == nil {
		run.live = &live
	}
	return live, err //nolint:wrapcheck // classed and complete
}

// correct brings a live target to the revision that was decided on.
func (r *Reconciler) correct(ctx context.Context, run *run, live target.Live, content render.Content) error {
	number := run.decision.Serve
	cause := run.cause()
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
	want.Restart = r.restarting(run, live, number, content)
	differs := live.Differences(want, content)
	if len(differs) == 0 {
		run.takeOver()
		run.holds(number, cause)
		return nil
	}
	edits := run.edits(live, want, content)
	if len(edits) > 0 && r.leaves(run, live, edits) {
		return r.mark(ctx, run, live)
	}
	if err := r.put(ctx, live, want, content); err != nil {
		return err
	}
	run.restart = want.Restart
	if len(edits) > 0 {
		run.repaired(live, edits)
		r.fought(run, live.Rival(edits))
	}
	run.takeOver()
	run.holds(number, cause)
	return nil
}

// leaves reports whether somebody else's change is left as it is: because the policy says
// so, or for a while, because the last repairs against the same manager did not last.
func (r *Reconciler) leaves(run *run, live target.Live, differs []target.Difference) bool {
	switch {
	case run.object.Spec.Drift.Policy == v1alpha1.DriftReport:
		run.report(live, differs, "and spec.drift.policy is Report")
	case live.Exists() && r.memory.of(run.key).fight.wait(live.Rival(differs), run.now) > 0:
		run.report(live, differs, "and is put right after a while, because the last repairs did not last")
	default:
		return false
	}
	return true
}

// mark notes a hold that begins or ends where the target is left as it is otherwise.
func (r *Reconciler) mark(ctx context.Context, run *run, live target.Live) error {
	if live.Exists() && live.HeldFor() != run.decision.Hold.Request && run.rehold() {
		if err := r.Targets.Mark(ctx, live, run.decision.Hold.Request); err != nil {
			return err //nolint:wrapcheck // classed and complete
		}
	}
	run.hold()
	return nil
}

// fought notes a repair. What nobody can be named for is no fight: it may be the doing of
// many.
func (r *Reconciler) fought(run *run, by string) {
	if by != fieldowner.Unknown {
		r.memory.change(run.key, func(t *trouble) { t.fight = t.fight.after(by, run.now) })
	}
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

// edits returns the differences that are somebody else's doing. That the target is not held
// yet as it is to be from now on is none of them.
func (u *run) edits(live target.Live, want target.Want, content render.Content) []target.Difference {
	if !u.isDrift(live, want.Revision) {
		return nil
	}
	if u.rehold() {
		want.HeldFor = live.HeldFor()
	}
	return live.Differences(want, content)
}

// isDrift reports whether a difference is somebody else's doing: the target should hold
// what was served already, and neither an edit of the specification nor a request for that
// content explains that it does not.
func (u *run) isDrift(live target.Live, number int64) bool {
	if u.intended() || u.rehold() && !u.freezes() || number != u.known.Serving {
		return false
	}
	if !live.Exists() {
		return u.servedBefore()
	}
	return live.Ownership == target.Ours
}

// freezes reports whether a hold begins or ends by which nobody asks for any content: what
// is served is to stay as it is, or may change again.
func (u *run) freezes() bool {
	return u.decision.Hold.Number == 0 || u.decision.Hold.Request == revision.Current
}

// heldUnknown reports whether the target is held as asked for, and nothing tells any more
// what the revision held: status and revision are lost. It stays as it is.
func (u *run) heldUnknown(number int64) bool {
	return u.decision.Hold.Number == number && u.observed.Revision(u.key) == number &&
		u.observed.HeldFor(u.key) == u.decision.Hold.Request && u.digest(number) == ""
}

// unjudged reports whether nothing tells what the revision held that the target says it
// holds: status and revision are lost, or were never written before a crash, and the backend
// does not answer. It is left alone, unless another revision is asked for.
func (u *run) unjudged(number int64) bool {
	if u.content != nil || u.rehold() {
		return false
	}
	held := u.observed.Revision(u.key)
	return held == number && u.digest(number) == "" || held > number && u.unread && u.entry(held) == nil
}

// contentOf returns what a revision holds: what was just rendered or read, else what was
// recorded.
func (r *Reconciler) contentOf(ctx context.Context, run *run, number int64) (render.Content, error) {
	if run.content != nil && (number == run.decision.Record || r.Keys.MatchesDigest(run.digest(number), run.id(number), run.content.Type, run.content.Data)) {
		return *run.content, nil
	}
	if run.asking != nil && run.asking.ID == run.id(number) {
		return run.asking.Content, nil
	}
	record, err := r.History.Read(ctx, run.id(number))
	return record.Content, err //nolint:wrapcheck // classed and complete
}
