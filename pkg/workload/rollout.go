// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"fmt"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// KindRollout is the kind of Argo Rollouts that stands in for a Deployment.
const KindRollout = "Rollout"

// RolloutVersion is the group and version of Rollouts.
func RolloutVersion() schema.GroupVersion {
	return schema.GroupVersion{Group: "argoproj.io", Version: "v1alpha1"}
}

// Phases of a Rollout that mean something here, see RolloutPhase in
// https://github.com/argoproj/argo-rollouts/blob/master/pkg/apis/rollouts/v1alpha1/types.go.
const (
	rolloutHealthy  = "Healthy"
	rolloutDegraded = "Degraded"
	rolloutPaused   = "Paused"
)

// Reasons of a pause that may end by itself, see PauseReason there.
const (
	pausedAtStep      = "CanaryPauseStep"
	pausedAtPromotion = "BlueGreenPause"
)

// TemplateHolder returns the name of the Deployment whose Pod template a Rollout takes; empty if
// it has its own, or takes that of another kind.
func TemplateHolder(u *unstructured.Unstructured) string {
	if textOf(u, "spec", "workloadRef", "kind") != KindDeployment {
		return ""
	}
	return textOf(u, "spec", "workloadRef", "name")
}

// RollingReferrer returns a Rollout that takes its Pod template from a Deployment, which itself
// has no Pods then: what is read and changed is the Deployment's, what is awaited the Rollout.
func RollingReferrer(u *unstructured.Unstructured, d *appsv1.Deployment) Rolling {
	r := Rolling{
		Workload: workload(KindRollout, u, d.Spec.Template.Spec), Meta: d, Template: d.Spec.Template.Annotations,
		Progress: ofRollout(u), Holder: d.Name,
	}
	if textOf(u, "status", "workloadObservedGeneration") != strconv.FormatInt(d.Generation, 10) {
		r.Progress = unobserved()
	}
	return r
}

// RollingRollout returns a Rollout as a workload; ok is false if it has no Pod template of
// its own, or none that can be read.
func RollingRollout(u *unstructured.Unstructured) (r Rolling, ok bool) {
	found, _, err := unstructured.NestedMap(u.Object, "spec", "template")
	if err != nil || found == nil {
		return Rolling{}, false
	}
	var template corev1.PodTemplateSpec
	if runtime.DefaultUnstructuredConverter.FromUnstructured(found, &template) != nil {
		return Rolling{}, false
	}
	r = Rolling{Workload: workload(KindRollout, u, template.Spec), Meta: u, Template: template.Annotations, Progress: ofRollout(u)}
	if r.Progress.Phase == Unwatched {
		r.ByHand = r.Progress.Why
	}
	return r, true
}

func ofRollout(u *unstructured.Unstructured) Progress {
	paused, _, _ := unstructured.NestedBool(u.Object, "spec", "paused")
	phase := textOf(u, "status", "phase")
	switch {
	case paused:
		return Progress{Unwatched, "its rollout is paused"}
	case textOf(u, "status", "observedGeneration") != strconv.FormatInt(u.GetGeneration(), 10):
		return unobserved()
	case phase == rolloutHealthy:
		return Progress{Phase: Complete}
	case phase == rolloutDegraded:
		return Progress{Failed, "its phase is " + phase}
	case phase == rolloutPaused && resumes(u):
		return Progress{Pausing, "its rollout pauses for a while"}
	case phase == rolloutPaused:
		return Progress{Unwatched, "its rollout waits at a pause"}
	default:
		return Progress{Progressing, fmt.Sprintf("its phase is %q", phase)}
	}
}

// resumes reports whether a paused Rollout goes on by itself.
func resumes(u *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "pauseConditions")
	for _, condition := range conditions {
		members, _ := condition.(map[string]any)
		switch members["reason"] {
		case pausedAtStep:
			if !stepEnds(u) {
				return false
			}
		case pausedAtPromotion:
			if seconds, _, _ := unstructured.NestedInt64(u.Object, "spec", "strategy", "blueGreen", "autoPromotionSeconds"); seconds == 0 {
				return false
			}
		default:
			return false
		}
	}
	return true // Without a reason it is being resumed.
}

// stepEnds reports whether the pause that a canary is at has a duration.
func stepEnds(u *unstructured.Unstructured) bool {
	steps, _, _ := unstructured.NestedSlice(u.Object, "spec", "strategy", "canary", "steps")
	index, found, _ := unstructured.NestedInt64(u.Object, "status", "currentStepIndex")
	if !found || index < 0 || index >= int64(len(steps)) {
		return false
	}
	step, _ := steps[index].(map[string]any)
	duration, found, _ := unstructured.NestedFieldNoCopy(step, "pause", "duration")
	return found && duration != int64(0) && duration != ""
}

func textOf(u *unstructured.Unstructured, fields ...string) string {
	value, _, _ := unstructured.NestedString(u.Object, fields...)
	return value
}
