// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of a ClusterSecretSync's conditions.
const (
	// ReasonFannedOut: every selected namespace has its SecretSync, and that is Ready.
	ReasonFannedOut = "FannedOut"
	// ReasonNamespacesFailed: some do not have it, or have one that is not Ready.
	ReasonNamespacesFailed = "NamespacesFailed"
	// ReasonRemovalsBlocked: so many would be deleted at once that somebody has to say that it is
	// meant.
	ReasonRemovalsBlocked = "RemovalsBlocked"
	// ReasonRollingOut: SecretSyncs are being created, changed, or read for the first time.
	ReasonRollingOut = "RollingOut"
	// ReasonRolloutPaused: spec.rollout.pause is true.
	ReasonRolloutPaused = "RolloutPaused"
	// ReasonRolloutStopped: more fail with the new template than spec.rollout.maxFailures.
	ReasonRolloutStopped = "RolloutStopped"
)

// FanOutFacts are what the conditions of a ClusterSecretSync are computed from.
type FanOutFacts struct {
	// Generation of the specification.
	Generation int64
	// Err is what is wrong with the specification, nil if nothing is. Classed.
	Err error
	// Selected, Updated, Ready and Failed count namespaces.
	Selected, Updated, Ready, Failed int
	// Waiting is how many wait for a change, Broken how many fail with it.
	Waiting, Broken int
	// Stopped says that no further one is changed because of those that fail, Paused that
	// nothing is because somebody asked for that.
	Stopped, Paused bool
	// Blocked is what would be deleted and is not, nil if there is nothing. Kept is how many
	// namespaces have a SecretSync, Percent how many of these may lose it.
	Blocked       *v1alpha1.BlockedRemoval
	Kept, Percent int
	// Name of the ClusterSecretSync.
	Name string
}

// done reports whether every namespace has what it should.
func (f FanOutFacts) done() bool {
	return f.Updated == f.Selected && f.Ready == f.Selected && f.Failed == 0
}

// FanOutConditions returns the conditions of a ClusterSecretSync.
func FanOutConditions(before []metav1.Condition, f FanOutFacts, now time.Time) []metav1.Condition {
	b := builder{before: before, generation: f.Generation, now: metav1.NewTime(now.Truncate(time.Second))}
	switch {
	case f.Err != nil:
		b.stalled(fault.ReasonOf(f.Err), messageOf(f.Err))
	case f.Blocked != nil && !f.Stopped && !f.Paused:
		b.stalled(ReasonRemovalsBlocked, fmt.Sprintf(
			"the SecretSyncs of %d of %d namespaces are not wanted any more and stay, because that is more than spec.safety.maxRemovalPercent (%d) lets go at once; see blocked; if that is meant: kubectl annotate clustersecretsync %s --overwrite %s=%s",
			*f.Blocked.Count, f.Kept, f.Percent, f.Name, v1alpha1.AnnotationAccept, f.Blocked.Token))
	case f.done():
		b.add(v1alpha1.ConditionReady, metav1.ConditionTrue, ReasonFannedOut, "every selected namespace has its SecretSync, and that is Ready")
	case f.Stopped:
		b.stalled(ReasonRolloutStopped, fmt.Sprintf("no further SecretSync is changed: %d fail with spec.secretSync as it is now, more than spec.rollout.maxFailures, and %d wait; see failures", f.Broken, f.Waiting))
	case f.Paused:
		b.add(v1alpha1.ConditionReady, metav1.ConditionFalse, ReasonRolloutPaused, "spec.rollout.pause is true: nothing is created, changed or deleted")
	case f.Failed > 0:
		b.add(v1alpha1.ConditionReady, metav1.ConditionFalse, ReasonNamespacesFailed, fmt.Sprintf("%d of %d namespaces fail; see failures", f.Failed, f.Selected))
		b.rolling(f)
	default:
		b.add(v1alpha1.ConditionReady, metav1.ConditionFalse, ReasonRollingOut, "not every SecretSync is there, changed and Ready yet; see namespaces")
		b.rolling(f)
	}
	return b.result
}

// stalled says that nothing goes on until somebody does something.
func (b *builder) stalled(reason, message string) {
	b.add(v1alpha1.ConditionReady, metav1.ConditionFalse, reason, message)
	b.add(v1alpha1.ConditionStalled, metav1.ConditionTrue, reason, message)
}

// RolloutStopped reports whether the conditions of a ClusterSecretSync say so.
func RolloutStopped(conditions []metav1.Condition) bool {
	stalled := meta.FindStatusCondition(conditions, v1alpha1.ConditionStalled)
	return stalled != nil && stalled.Reason == ReasonRolloutStopped
}

// rolling says that it goes on by itself, if it does.
func (b *builder) rolling(f FanOutFacts) {
	if f.Ready+f.Failed < f.Selected || f.Waiting > 0 {
		b.add(v1alpha1.ConditionReconciling, metav1.ConditionTrue, ReasonRollingOut, "not every SecretSync is there, changed and Ready yet; see namespaces")
	}
}

// maxRepeated bounds a message that is repeated from another status, in bytes.
const maxRepeated = 512

// Shortened returns a message as it is repeated in the status of another object.
func Shortened(message string) string {
	if len(message) <= maxRepeated {
		return message
	}
	return strings.ToValidUTF8(message[:maxRepeated-3], "") + "..."
}
