// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/pkg/target"
)

// restarting returns the revision that workloads have to be restarted for once the target
// holds another one, zero if the content that they read stays the same: the first content of
// a Secret, one that is taken over, or repaired, restarts nothing.
func (r *Reconciler) restarting(run *run, live target.Live, number int64, content render.Content) int64 {
	if run.follows() {
		return r.moving(run, number, content)
	}
	before := run.lastServed()
	if run.object.Spec.Restart == nil || before == 0 || before == number {
		return 0
	}
	if !run.readBefore(live) || r.sameData(run, live, before, live.Ours(content)) {
		return 0
	}
	return number
}

// lastServed returns the revision that Pods read last: also of a Secret that went with its source,
// which those that were there keep in their variables.
func (u *run) lastServed() int64 {
	if u.left() && len(u.known.Lives) > 0 {
		return u.known.Lives[0].Number
	}
	return u.known.Serving
}

// readBefore reports whether Pods could read from the Secret what was served before: it was no
// other one's until now, nor did our keys come into it just now.
func (u *run) readBefore(live target.Live) bool {
	switch {
	case !live.Exists():
		return u.servedBefore() || u.left()
	case u.object.Spec.Target.Merges():
		return live.Ownership != target.Foreign && (live.Claimed() || u.servedBefore())
	default:
		return live.Ownership == target.Ours
	}
}

// sameData reports whether a revision that was served before holds the data that is served
// now. The type does not matter: Pods do not see it.
func (r *Reconciler) sameData(run *run, live target.Live, before int64, content render.Content) bool {
	if digest := run.digest(before); digest != "" {
		secretType := content.Type
		if live.Exists() {
			secretType = live.Content().Type
		}
		return r.Keys.MatchesDigest(digest, run.id(before), secretType, content.Data) ||
			r.Keys.MatchesDigest(digest, run.id(before), content.Type, content.Data)
	}
	if !live.Exists() {
		return false
	}
	held := live.Content()
	held.Type = content.Type
	return held.Equal(content)
}

// rollOut has workloads restarted for what the target holds, and notes how far that has
// come. Once it is over, nothing is asked or done any more.
func (r *Reconciler) rollOut(ctx context.Context, run *run) {
	spec := run.object.Spec.Restart
	switch {
	case spec == nil:
		run.dropRestart()
		r.stopRestarts(run)
		return
	case r.Restarts == nil:
		run.unrestarted = fault.New(fault.Denied, status.ReasonRestartsDisabled,
			"spec.restart asks for restarts, and the operator may restart nothing: install its chart with restarts.enabled=true")
		return
	case run.suspended(), run.pausing():
		r.stopRestarts(run)
	default:
		r.bringRestarts(ctx, run)
	}
	run.unrestarted = firstOf(run.unrestarted, run.failedRestart())
}

// dropRestart forgets restarts that nobody asks for any more. That some are over is kept: else to
// ask again would begin them again.
func (u *run) dropRestart() {
	if u.status.Restart != nil && !over(u.status.Restart) {
		u.status.Restart = nil
	}
}

func (r *Reconciler) stopRestarts(run *run) {
	if r.Restarts != nil {
		r.Restarts.Forget(run.key)
	}
}

// bringRestarts has done what is not over.
func (r *Reconciler) bringRestarts(ctx context.Context, run *run) {
	number, again := run.toRestart(), run.lookAgain()
	switch {
	case number == 0, run.atRest(number) && !again:
		r.stopRestarts(run)
		return
	case again:
		r.stopRestarts(run) // What it told would be told again.
	}
	since := run.sinceOf(number)
	versions, err := r.versionsFor(ctx, run, number)
	if err != nil {
		run.serveErr = firstOf(run.serveErr, err)
		return
	}
	report := r.Restarts.Ask(restart.Job{
		Key: run.key, Secret: run.object.TargetName(), Versions: versions, Annotations: run.observed.Annotations(),
		Mark: r.markOf(ctx, run, number), Back: run.goesBack(number), Spec: *run.object.Spec.Restart.DeepCopy(), Since: since,
	})
	run.unrestarted = report.Err
	run.noteRestart(report, since)
	if run.restartsOver() {
		r.stopRestarts(run) // What it tells gets old, and must not be believed once it is.
	}
}

// atRest reports whether nothing is left to be done for a revision that is announced.
func (u *run) atRest(number int64) bool {
	noted := u.status.Restart
	return u.restart == 0 && noted != nil && noted.Revision == number && u.restartsOver()
}

// restartsOver reports whether the restarts that are noted are over, and nothing follows from how
// they ended.
func (u *run) restartsOver() bool { return over(u.status.Restart) && !u.toTakeBack() }

// toTakeBack reports whether what is served failed, as is noted, and is to be taken back for that.
// A note may be old, so that it is reason to look once more and no more.
func (u *run) toTakeBack() bool {
	noted, spec := u.status.Restart, u.object.Spec.Restart
	return noted.State == v1alpha1.RestartFailed && len(noted.Failed) > 0 && noted.Revision == u.status.ServingRevision &&
		spec != nil && spec.OnFailure == v1alpha1.OnFailureRollback &&
		u.status.Rollback == nil && u.object.Annotations[v1alpha1.AnnotationRollbackTo] == "" &&
		u.object.Annotations[v1alpha1.AnnotationAccept] != revision.Automatic(noted.Revision)
}

// lookAgain reports whether a person has the backend read once more while workloads did not come
// up: they may have since.
func (u *run) lookAgain() bool {
	request, open := u.openRequest()
	noted := u.status.Restart
	return noted != nil && noted.State == v1alpha1.RestartFailed && open && u.snapshot != nil && u.snapshot.Request == requestOfUser+request
}

// toRestart returns the revision that workloads have to be restarted for: as was just
// written, else as the target announces, else as was noted and is not over.
func (u *run) toRestart() int64 {
	switch noted := u.status.Restart; {
	case u.restart > 0:
		return u.restart
	case u.announced() > 0:
		return u.announced()
	case noted != nil && !u.restartsOver():
		return noted.Revision
	default:
		return 0
	}
}

// markOf returns the mark of a revision. What it holds is read where that is not known; where
// it is not kept, its number alone is the mark.
func (r *Reconciler) markOf(ctx context.Context, run *run, number int64) restart.Mark {
	if mark := r.Restarts.Marks(run.key); mark.Revision == number {
		return mark
	}
	mark := restart.Mark{Revision: number}
	if record, err := r.History.Read(ctx, run.id(number)); err == nil {
		mark.Contents = r.Keys.Contents(run.key.Namespace, run.key.Name, record.Content.Data)
	}
	return mark
}

// goesBack reports whether a revision is held in place of one with which workloads did not come up.
func (u *run) goesBack(number int64) bool {
	hold := u.status.Rollback
	return hold != nil && hold.Revision == number && revision.TakenBack(hold.Requested) > 0
}

// sinceOf returns since when a revision is known to need restarts.
func (u *run) sinceOf(number int64) time.Time {
	if noted := u.status.Restart; noted != nil && noted.Revision == number && u.restart == 0 {
		return noted.Since.Time
	}
	return u.now
}

// whyFailed returns what is noted of why workloads did not come up with a revision.
func (u *run) whyFailed(number int64) string {
	if noted := u.status.Restart; noted != nil && noted.Revision == number && noted.State == v1alpha1.RestartFailed {
		return noted.Message
	}
	return ""
}

// noteRestart takes a report into the status, and tells of a beginning and an end.
func (u *run) noteRestart(report restart.Report, since time.Time) {
	noted := &v1alpha1.RestartStatus{
		Revision: report.Revision, State: report.State, Done: int32(report.Done), Total: int32(report.Total), //nolint:gosec // as many as a namespace has
		Failed:  slices.Clone(report.Failed[:min(len(report.Failed), maxFailed)]),
		Message: shortenedTo(report.Message, maxMessage), Since: metav1.NewTime(since.UTC().Truncate(time.Second)),
	}
	before := u.status.Restart
	u.status.Restart = noted
	known := before != nil && before.Revision == noted.Revision
	switch {
	case known && before.State == noted.State: // It was told.
	case noted.State == v1alpha1.RestartRunning && (!known || before.State == v1alpha1.RestartPending):
		u.tell(events.RestartsBegun(noted.Revision, report.Total))
	case noted.State == v1alpha1.RestartDone && (report.Total > 0 || report.Message != ""):
		u.tell(events.RestartsDone(noted.Revision, report.Done, report.Message))
	case noted.State == v1alpha1.RestartFailed:
		u.tell(events.RestartsFailed(noted.Revision, report.Done, report.Total, report.Message))
	}
}

// Bounds of what a status repeats of a report.
const (
	maxFailed  = 10
	maxMessage = 1024
)

func over(noted *v1alpha1.RestartStatus) bool {
	return noted.State == v1alpha1.RestartDone || noted.State == v1alpha1.RestartFailed
}

// failedRestart returns why not all workloads run with what is served, and, if that was to be
// taken back, that it cannot be.
func (u *run) failedRestart() error {
	noted, kept := u.status.Restart, ""
	if noted == nil || noted.State != v1alpha1.RestartFailed {
		return nil
	}
	if u.decided && u.known.Failed == noted.Revision && u.decision.Hold.Number == 0 && u.known.Accepted != revision.Automatic(noted.Revision) {
		kept = "; it is not taken back, because no revision that was served before is kept"
	}
	return fault.New(fault.Suspicious, status.ReasonRestartFailed,
		"workloads do not come up with revision %d: %s%s", noted.Revision, noted.Message, kept)
}

// failedRevision returns the revision that is to be taken back, because workloads do not come
// up with it; zero if there is none. What is noted is not believed: they may have come up since.
func (r *Reconciler) failedRevision(run *run) int64 {
	spec := run.object.Spec.Restart
	if spec == nil || spec.OnFailure != v1alpha1.OnFailureRollback || r.Restarts == nil {
		return 0
	}
	if heard := r.Restarts.Heard(run.key); heard.State == v1alpha1.RestartFailed && len(heard.Failed) > 0 {
		run.noteRestart(heard, run.sinceOf(heard.Revision)) // The restarts of the way back take its place.
		return heard.Revision
	}
	return 0
}
