// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// holds notes that the target holds a revision.
func (u *run) holds(number int64, cause string) {
	if u.status.ServingRevision != number {
		u.serve(number, cause)
	}
	u.hold()
	u.status.Target, u.status.TargetMode = u.secret(), u.mode()
	u.status.NewestRevision = max(u.known.Newest, u.status.NewestRevision, number)
}

// hold notes the hold that is in force, and since when.
func (u *run) hold() {
	hold, noted := u.decision.Hold, u.status.Rollback
	switch {
	case hold.Number == 0:
		u.status.Rollback = nil
	case noted == nil || noted.Requested != hold.Request || noted.Revision != hold.Number:
		failed := revision.TakenBack(hold.Request)
		u.status.Rollback = &v1alpha1.RollbackStatus{
			Requested: hold.Request, Revision: hold.Number, Since: metav1.NewTime(u.now.UTC().Truncate(time.Second)),
			Why: u.whyFailed(failed),
		}
		if failed > 0 {
			u.tell(events.TakenBack(u.object.TargetName(), failed, hold.Number, u.status.Rollback.Why))
		}
	}
}

// takeOver notes what was live in a Secret that was taken over, once it is ours.
func (u *run) takeOver() {
	if u.adopted > 0 {
		u.serve(u.adopted, v1alpha1.CauseAdopt)
	}
}

// maxServed bounds how many changes of what is served a status tells.
const maxServed = 20

// serve notes that another revision became live.
func (u *run) serve(number int64, cause string) {
	entry := v1alpha1.ServedEntry{Revision: number, From: metav1.NewTime(u.now.UTC().Truncate(time.Second)), Cause: cause}
	if u.status.ServingRevision > 0 {
		why := cause
		if cause == v1alpha1.CauseRollback {
			why += ", asked for by " + u.asker()
		}
		u.tell(events.Served(u.secret(), u.status.ServingRevision, number, why))
	}
	u.status.ServingRevision = number
	u.status.Served = slices.Insert(u.status.Served, 0, entry)
	u.status.Served = u.status.Served[:min(len(u.status.Served), maxServed)]
	u.served = append(u.served, entry)
}

// repaired notes that somebody else's change was put right.
func (u *run) repaired(live target.Live, differs []target.Difference) {
	drift := u.driftStatus(live, differs)
	if !u.toldDrift(drift) {
		u.incidents = append(u.incidents, drift.Kind)
	}
	u.status.Drift = drift
	u.tell(events.Repaired(u.secret(), drift.Kind, drift.Keys, drift.By))
}

// report notes that somebody else's change is left as it is, and why.
func (u *run) report(live target.Live, differs []target.Difference, why string) {
	drift := u.driftStatus(live, differs)
	if u.toldDrift(drift) {
		drift = u.before.Drift
	} else {
		u.incidents = append(u.incidents, drift.Kind)
		u.tell(events.Drifted(u.secret(), drift.Kind, drift.Keys, drift.By))
	}
	u.status.Drift = drift
	u.drifted = fmt.Sprintf("the Secret differs from revision %d (%s) %s", u.decision.Serve, drift.Kind, why)
}

// toldDrift reports whether a difference stands and was told before.
func (u *run) toldDrift(drift *v1alpha1.DriftStatus) bool {
	old := u.before.Drift
	return meta.IsStatusConditionTrue(u.before.Conditions, v1alpha1.ConditionDrifted) &&
		old != nil && old.Kind == drift.Kind && slices.Equal(old.Keys, drift.Keys) && old.By == drift.By
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
