// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/revision"
)

// Reasons of conditions that no error brings along.
const (
	// ReasonServing: the target holds the state asked for.
	ReasonServing = "Serving"
	// ReasonHeld: the revision asked for is served and held.
	ReasonHeld = "Held"
	// ReasonRestartFailed: workloads do not come up with a revision.
	ReasonRestartFailed = "RestartFailed"
	// ReasonRestartsDisabled: the operator was installed without the right to restart.
	ReasonRestartsDisabled = "RestartsDisabled"
	// ReasonSuspended: spec.suspend is true.
	ReasonSuspended = "Suspended"
	// ReasonPaused: secretsync.io/pause-until is in force and the target waits for a write.
	ReasonPaused = "Paused"
	// ReasonSourceGone: the entries are proven gone and onSourceGone: Delete removed the target.
	ReasonSourceGone = "SourceGone"
	// ReasonReadsFail: the backend has given no good answer for too long.
	ReasonReadsFail = "ReadsFail"
	// ReasonReading: the first read of this specification is under way.
	ReasonReading = "Reading"
	// ReasonRetrying: nothing was ever served, or the specification was edited since, and what
	// failed may pass.
	ReasonRetrying = "Retrying"
)

// Facts are what the conditions of a SecretSync are computed from.
type Facts struct {
	// Generation of the specification that the facts are about.
	Generation int64
	// Behind says that this is not the newest specification: it was edited, and what it asks
	// for could not be read or written yet for a reason that may pass.
	Behind bool
	// Serving is the revision the target holds, zero if nothing was ever served.
	Serving int64
	// Err is why the state asked for is not served, nil if it is. Classed.
	Err error
	// Idle is why nothing is done on purpose (ReasonSuspended, ReasonPaused,
	// ReasonSourceGone), empty otherwise.
	Idle string
	// FailingSince is the time of the last good read while reads fail; zero while they do not.
	FailingSince time.Time
	// Interval between reads.
	Interval time.Duration
	// Unrecorded is why the served state could not be recorded or trusted; nil if it could.
	Unrecorded error
	// Hold is the hold in force, nil if there is none; Refused is why what was asked for
	// cannot be held.
	Hold    *v1alpha1.RollbackStatus
	Refused error
	// Drifted is what differs and was left as it is; empty if nothing is.
	Drifted string
	// Unrestarted is why workloads do not run with what is served; nil if they do.
	Unrestarted error
	// Waiting says that the first read of this specification is not over, so that what was
	// said before still stands.
	Waiting bool
}

// staleFloor is the shortest time without a good read that is called stale.
const staleFloor = 5 * time.Minute

// StaleAfter returns how long reads may fail before the state is called stale.
func StaleAfter(interval time.Duration) time.Duration { return max(3*interval, staleFloor) }

// Conditions returns the conditions for the facts; a condition that is not mentioned by
// them is absent. LastTransitionTime moves only with the status.
func Conditions(before []metav1.Condition, f Facts, now time.Time) []metav1.Condition {
	if fault.Is(f.Err, fault.Conflict) { // It is tried again in silence, and what was said stands.
		if len(before) > 0 {
			return slices.Clone(before)
		}
		f.Err = nil
	}
	f = f.plain()
	b := builder{before: before, generation: f.Generation, now: metav1.NewTime(now.Truncate(time.Second))}
	b.ready(f)
	if fault.Is(f.Err, fault.InvalidSpec) {
		b.add(v1alpha1.ConditionStalled, metav1.ConditionTrue, fault.ReasonOf(f.Err), messageOf(f.Err))
	}
	if (f.Serving == 0 || f.Behind) && passing(f.Err) {
		b.add(v1alpha1.ConditionReconciling, metav1.ConditionTrue, ReasonRetrying, messageOf(f.Err))
	}
	if !f.FailingSince.IsZero() && now.Sub(f.FailingSince) >= StaleAfter(f.Interval) {
		b.add(v1alpha1.ConditionStale, metav1.ConditionTrue, ReasonReadsFail, staleMessage(f.Err))
	}
	if f.Drifted != "" {
		b.add(v1alpha1.ConditionDrifted, metav1.ConditionTrue, "DriftReported", f.Drifted)
	}
	b.rolledBack(f)
	b.degraded(v1alpha1.ConditionRestartDegraded, f.Unrestarted)
	b.degraded(v1alpha1.ConditionHistoryDegraded, f.Unrecorded)
	return b.result
}

// plain returns the facts without those that contradict each other. An object that asks
// for nothing fails in nothing; and a pause does not hide that an edit is needed.
func (f Facts) plain() Facts {
	switch {
	case f.Idle == ReasonSuspended:
		f.Err, f.FailingSince = nil, time.Time{}
	case f.Idle == ReasonPaused && fault.Is(f.Err, fault.InvalidSpec):
		f.Idle = ""
	}
	return f
}

// staleMessage names the cause if it is one of reading: a write that fails as well is
// what Ready speaks of.
func staleMessage(err error) string {
	const message = "no good read for longer than three intervals and five minutes"
	if fault.Is(err, fault.NotFound, fault.Denied, fault.Throttled, fault.Unavailable) {
		return message + ": " + messageOf(err)
	}
	return message
}

// passing reports whether an error may pass without anybody's doing.
func passing(err error) bool {
	return fault.Is(err, fault.Throttled, fault.Unavailable, fault.Internal)
}

type builder struct {
	before     []metav1.Condition
	generation int64
	now        metav1.Time
	result     []metav1.Condition
}

func (b *builder) ready(f Facts) {
	switch {
	case f.Idle == ReasonSourceGone:
		b.add(v1alpha1.ConditionReady, metav1.ConditionFalse, f.Idle,
			"every entry is gone from the backend and spec.target.onSourceGone is Delete")
	case f.Idle != "":
		b.idle(f)
	case f.Err != nil && !(passing(f.Err) && f.Serving > 0):
		b.add(v1alpha1.ConditionReady, metav1.ConditionFalse, fault.ReasonOf(f.Err), messageOf(f.Err))
	case f.Serving > 0 && f.Drifted != "":
		b.add(v1alpha1.ConditionReady, metav1.ConditionTrue, ReasonServing,
			"the Secret was changed by hand and is left so, as spec.drift.policy asks; see Drifted")
	case f.Serving > 0:
		b.add(v1alpha1.ConditionReady, metav1.ConditionTrue, ReasonServing, "the Secret holds the state asked for")
	default:
		b.add(v1alpha1.ConditionReady, metav1.ConditionUnknown, ReasonReading, "the backend is being read for the first time")
	}
}

// rolledBack tells of the hold that was asked for last.
func (b *builder) rolledBack(f Facts) {
	switch {
	case f.Refused != nil:
		b.add(v1alpha1.ConditionRolledBack, metav1.ConditionFalse, fault.ReasonOf(f.Refused), messageOf(f.Refused))
	case f.Hold != nil && revision.TakenBack(f.Hold.Requested) > 0:
		failed := revision.TakenBack(f.Hold.Requested)
		b.add(v1alpha1.ConditionRolledBack, metav1.ConditionTrue, ReasonRestartFailed, fmt.Sprintf(
			"revision %d is held in place of %d, with which workloads do not come up, until there is a newer one; %s: %q serves %d all the same%s",
			f.Hold.Revision, failed, v1alpha1.AnnotationAccept, f.Hold.Requested, failed, because(f.Hold.Why)))
	case f.Hold != nil:
		b.add(v1alpha1.ConditionRolledBack, metav1.ConditionTrue, ReasonHeld, fmt.Sprintf(
			"revision %d is held, as %s: %q asks; newer states are recorded and not served", f.Hold.Revision, v1alpha1.AnnotationRollbackTo, f.Hold.Requested))
	}
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return "; " + why
}

// degraded adds a condition for what went wrong beside the target, if anything did.
func (b *builder) degraded(condition string, err error) {
	if err != nil {
		b.add(condition, metav1.ConditionTrue, fault.ReasonOf(err), messageOf(err))
	}
}

// idle says that nothing is done on purpose: what was true before stays true.
func (b *builder) idle(f Facts) {
	status := metav1.ConditionFalse
	if f.Serving > 0 {
		status = metav1.ConditionTrue
	}
	b.add(v1alpha1.ConditionReady, status, f.Idle, idleMessages[f.Idle])
}

var idleMessages = map[string]string{ //nolint:gochecknoglobals // a constant table, which Go cannot declare
	ReasonSuspended: "spec.suspend is true: nothing is read or written",
	ReasonPaused:    "secretsync.io/pause-until is in force: the Secret is left as it is",
}

func (b *builder) add(conditionType string, status metav1.ConditionStatus, reason, message string) {
	next := metav1.Condition{
		Type: conditionType, Status: status, Reason: reason, Message: message,
		ObservedGeneration: b.generation, LastTransitionTime: b.now,
	}
	if old := meta.FindStatusCondition(b.before, conditionType); old != nil && old.Status == status {
		next.LastTransitionTime = old.LastTransitionTime
	}
	b.result = append(b.result, next)
}

// messageOf returns what may be published of an error.
func messageOf(err error) string {
	if e := fault.As(err); e != nil {
		return e.Message
	}
	return "an internal error; see the operator's log"
}
