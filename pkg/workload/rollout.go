// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"fmt"
	"strconv"

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

// RollingRollout returns a Rollout as a workload; ok is false if it has no Pod template of
// its own (it borrows that of a Deployment, which is found by itself), or none that can be
// read.
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
	text := func(fields ...string) string {
		value, _, _ := unstructured.NestedString(u.Object, fields...)
		return value
	}
	paused, _, _ := unstructured.NestedBool(u.Object, "spec", "paused")
	phase := text("status", "phase")
	switch {
	case paused:
		return Progress{Unwatched, "its rollout is paused"}
	case text("status", "observedGeneration") != strconv.FormatInt(u.GetGeneration(), 10):
		return unobserved()
	case phase == rolloutHealthy:
		return Progress{Phase: Complete}
	case phase == rolloutDegraded:
		return Progress{Failed, "its phase is " + phase}
	case phase == rolloutPaused:
		return Progress{Unwatched, "its rollout waits at a pause"}
	default:
		return Progress{Progressing, fmt.Sprintf("its phase is %q", phase)}
	}
}
