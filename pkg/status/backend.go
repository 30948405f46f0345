// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of a backend's conditions that no error brings along.
const (
	// ReasonUsable: the backend answers and accepts the login.
	ReasonUsable = "Usable"
	// ReasonReachable: the backend answers.
	ReasonReachable = "Reachable"
	// ReasonPerConsumer: each namespace logs in for itself, so that nobody can say for all.
	ReasonPerConsumer = "PerConsumer"
)

// BackendFacts are what the conditions of a backend are computed from.
type BackendFacts struct {
	// Generation of the specification.
	Generation int64
	// Err is what a read or a probe failed with, nil if it did not. Classed.
	Err error
	// Untried says that nobody has asked the backend yet, because each consumer logs in
	// for itself.
	Untried bool
}

// BackendConditions returns the conditions of a backend. An outage does not turn Ready
// False, so that a backend's upgrade blocks nobody's deployment.
func BackendConditions(before []metav1.Condition, f BackendFacts, now time.Time) []metav1.Condition {
	b := builder{before: before, generation: f.Generation, now: metav1.NewTime(now.Truncate(time.Second))}
	outage := fault.Is(f.Err, fault.Unavailable, fault.Throttled, fault.Internal)
	switch {
	case f.Untried:
		b.add(v1alpha1.ConditionReady, metav1.ConditionTrue, ReasonPerConsumer, "each namespace logs in for itself; see its SecretSyncs")
	case f.Err == nil, outage && meta.IsStatusConditionTrue(before, v1alpha1.ConditionReady):
		b.add(v1alpha1.ConditionReady, metav1.ConditionTrue, ReasonUsable, "the specification is valid and the login was accepted")
	default:
		b.add(v1alpha1.ConditionReady, metav1.ConditionFalse, fault.ReasonOf(f.Err), messageOf(f.Err))
	}
	switch {
	case f.Untried, fault.Is(f.Err, fault.InvalidSpec):
	case fault.Is(f.Err, fault.Unavailable, fault.Internal):
		b.add(v1alpha1.ConditionReachable, metav1.ConditionFalse, fault.ReasonOf(f.Err), messageOf(f.Err))
	default:
		b.add(v1alpha1.ConditionReachable, metav1.ConditionTrue, ReasonReachable, "the backend answers")
	}
	if fault.Is(f.Err, fault.InvalidSpec) {
		b.add(v1alpha1.ConditionStalled, metav1.ConditionTrue, fault.ReasonOf(f.Err), messageOf(f.Err))
	}
	return b.result
}
