// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"time"

	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/status"
)

// firstAnswer is how long an object may go without a word while its first read is made.
const firstAnswer = 5 * time.Second

// end tells: the status, events, the audit line, and when to come again.
func (r *Reconciler) end(ctx context.Context, run *run) (ctrl.Result, error) {
	remembered := r.settle(run)
	r.await(run)
	r.attribute(ctx, run)
	run.flagDestroyed()
	facts := run.facts(r.memory)
	if !facts.Waiting {
		run.status.ObservedGeneration = facts.Generation
		run.status.Conditions = status.Conditions(run.before.Conditions, facts, run.now)
		run.acknowledge()
		run.tellTransition()
	}
	r.Status.Put(run.object, run.status, r.tellings(run)...)
	r.audit(run)
	r.count(run, facts)
	if err := run.serveErr; err != nil && !fault.Is(err, fault.Conflict) {
		log.FromContext(ctx).Info("the state asked for is not served", "reason", fault.ReasonOf(err), "error", err.Error())
	}
	return ctrl.Result{RequeueAfter: run.next(facts, remembered)}, nil
}

// tellings returns the events of a reconcile as they are to be sent: after the status, and
// so not while Secrets wait to be served.
func (r *Reconciler) tellings(run *run) []func() {
	var tell []func()
	for _, event := range run.events {
		tell = append(tell, func() { r.Events.Record(run.object, event) })
	}
	return tell
}

// settle gives the values back to the poller, unless the same ones are needed at once
// for another try, and returns what the next reconcile has to know. Values that were given back and are needed again
// are asked for anew: nothing was decided about them, or what was could not be recorded, or
// a revision is lost.
func (r *Reconciler) settle(run *run) trouble {
	remembered := r.memory.change(run.key, run.remember)
	if run.snapshot != nil && !fault.Is(run.serveErr, fault.Conflict, fault.Internal) {
		r.Poller.Ack(run.key, run.snapshot.Seq)
	}
	return remembered
}

// remember notes what the next reconcile has to know.
func (u *run) remember(t *trouble) {
	switch {
	case u.unrecorded != nil, status.RetryAfter(u.serveErr, 0) > 0:
		t.attempts++
	case u.snapshot != nil || t.unrecorded == nil:
		t.attempts = 0
	}
	if u.snapshot != nil || u.lost() {
		t.unrecorded = nil
	}
	if u.wasted() || u.lost() {
		t.unrecorded = u.serveErr
	}
	if u.snapshot != nil || u.unkept != nil {
		t.unkept = u.unkept
	}
	u.conclude(t)
	if t.fight.over(u.now) {
		t.fight = fight{}
	}
}

// wasted reports whether the API server's refusal kept values from being decided about or
// recorded.
func (u *run) wasted() bool {
	undecided := u.content != nil && !u.decided
	return fault.Is(u.serveErr, fault.Rejected) && (undecided || u.decision.Record > 0)
}

// lost reports whether the revision to serve is gone or not to be trusted, so that only
// the backend can help: not with one that is held.
func (u *run) lost() bool {
	if u.decision.Hold.Number > 0 {
		return false
	}
	reason := fault.ReasonOf(u.serveErr)
	return reason == history.ReasonMissing || reason == history.ReasonUntrusted
}

// facts gathers what the conditions are computed from.
func (u *run) facts(m memory) status.Facts {
	_, pauseErr := u.pauseUntil()
	facts := status.Facts{
		Generation: u.object.Generation, Serving: u.status.ServingRevision,
		Err: firstOf(u.serveErr, u.refused, m.of(u.key).fight.told(u.secret()), u.trouble(), pauseErr), Idle: u.idle, Interval: u.object.Spec.Refresh.IntervalOrDefault(),
		Unrecorded: firstOf(u.unrecorded, u.unforgotten), Drifted: u.drifted, Hold: u.status.Rollback, Refused: u.refused,
		Unrestarted: u.unrestarted,
	}
	if u.suspended() {
		facts.Idle = status.ReasonSuspended
	}
	if u.behind(facts.Err) {
		facts.Generation, facts.Behind = u.before.ObservedGeneration, true
	}
	if fault.Is(u.readErr, fault.NotFound, fault.Denied, fault.Throttled, fault.Unavailable, fault.Internal) {
		facts.FailingSince = m.of(u.key).lastGood
		if facts.FailingSince.IsZero() {
			facts.FailingSince = m.started
		}
	}
	facts.Waiting = u.waiting && facts.Err == nil && facts.Idle == "" &&
		(len(u.before.Conditions) > 0 || u.now.Sub(later(u.object.CreationTimestamp.Time, m.started)) < firstAnswer)
	return facts
}

// trouble returns why there is nothing new to serve, if that keeps the state asked for from
// being served: what is held needs no backend.
func (u *run) trouble() error {
	if u.status.Rollback != nil && !fault.Is(u.readErr, fault.InvalidSpec) {
		return nil
	}
	return u.readErr
}

// behind reports whether the specification was edited and an error that may pass keeps what
// it asks for from being served. Ready must not speak of it then: it is True during an
// outage, and who waits for the edit would go on without it.
func (u *run) behind(err error) bool {
	return u.intended() && u.before.ObservedGeneration > 0 && !u.suspended() &&
		fault.Is(err, fault.Throttled, fault.Unavailable, fault.Internal, fault.Conflict)
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// next returns when to come again without being woken; zero if there is no need.
func (u *run) next(facts status.Facts, t trouble) time.Duration {
	waits := []time.Duration{status.UntilStale(facts, u.now), u.nextPrune(), t.fight.next(u.now)}
	waits = append(waits, status.RetryAfter(u.retried(), t.attempts))
	if until, err := u.pauseUntil(); err == nil && until.After(u.now) {
		waits = append(waits, until.Sub(u.now))
	}
	if u.refused != nil && u.decision.Record > 0 {
		waits = append(waits, time.Second) // What is asked for may be what was just recorded.
	}
	if facts.Waiting && len(u.before.Conditions) == 0 {
		waits = append(waits, firstAnswer)
	}
	var soonest time.Duration
	for _, wait := range waits {
		if wait > 0 && (soonest == 0 || wait < soonest) {
			soonest = wait
		}
	}
	return soonest
}

// retried returns what another try may mend, apart from what it is told of.
func (u *run) retried() error {
	if u.awaited {
		return u.unrecorded
	}
	return firstOf(u.serveErr, u.unrecorded)
}

// tellTransition makes an event of each change of Ready's reason that people should see.
func (u *run) tellTransition() {
	before := meta.FindStatusCondition(u.before.Conditions, v1alpha1.ConditionReady)
	after := meta.FindStatusCondition(u.status.Conditions, v1alpha1.ConditionReady)
	switch {
	case after == nil || before != nil && before.Status == after.Status && before.Reason == after.Reason:
	case after.Status == metav1.ConditionFalse && u.idle == "":
		u.tell(events.Failed(after.Reason, after.Message))
	case after.Status == metav1.ConditionTrue && before != nil && before.Status == metav1.ConditionFalse && u.idle == "":
		u.tell(events.Recovered(u.secret(), u.status.ServingRevision))
	}
}

// audit logs each change of what is served: which Secret, from which revision to which (or
// to none), why, and from which versions in the backend.
func (r *Reconciler) audit(run *run) {
	log := r.Audit.With(zap.String("namespace", run.key.Namespace), zap.String("secretsync", run.key.Name),
		zap.String("secret", run.secret()))
	from := run.before.ServingRevision
	for _, entry := range run.served {
		log.Info("served", zap.Int64("from", from), zap.Int64("revision", entry.Revision),
			zap.String("cause", entry.Cause),
			zap.String("request", entry.Request), zap.String("by", entry.By), zap.Any("sources", run.entrySources(entry.Revision)))
		from = entry.Revision
	}
	if run.removed {
		log.Info("deleted", zap.Int64("from", from), zap.String("cause", status.ReasonSourceGone))
	}
	for _, number := range run.forgotten {
		log.Info("forgotten", zap.Int64("revision", number))
	}
}

func (u *run) entrySources(number int64) []v1alpha1.SourceVersion {
	if entry := u.entry(number); entry != nil {
		return entry.Sources
	}
	return nil
}
