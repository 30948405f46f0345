// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// Phase says how far the Pods of a workload have become those of its template.
type Phase string

// The phases.
const (
	// Complete: all Pods are of the newest template, and available.
	Complete Phase = "Complete"
	// Progressing: not yet.
	Progressing Phase = "Progressing"
	// Failed: the workload's own controller has given up.
	Failed Phase = "Failed"
	// Pausing: not yet, on purpose; it goes on by itself after a while.
	Pausing Phase = "Pausing"
	// Unwatched: nobody renews the Pods now; somebody has to do something first.
	Unwatched Phase = "Unwatched"
)

// Progress is how far a workload has come, and what it waits for or failed by.
type Progress struct {
	Phase Phase
	Why   string
}

// deadlineExceeded is the reason by which a Deployment says that it has given up, see
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment.
const deadlineExceeded = "ProgressDeadlineExceeded"

// ofDeployment follows "kubectl rollout status".
func ofDeployment(d *appsv1.Deployment) Progress {
	wanted, s := ptr.Deref(d.Spec.Replicas, 1), &d.Status
	switch {
	case d.Spec.Paused:
		return Progress{Unwatched, "its rollout is paused"}
	case s.ObservedGeneration < d.Generation:
		return unobserved()
	case gaveUp(s.Conditions):
		return Progress{Failed, "it exceeded its progress deadline"}
	case s.UpdatedReplicas < wanted:
		return counting(s.UpdatedReplicas, wanted, "updated")
	case s.Replicas > s.UpdatedReplicas:
		return Progress{Progressing, fmt.Sprintf("%d old Pods are still there", s.Replicas-s.UpdatedReplicas)}
	case s.AvailableReplicas < s.UpdatedReplicas:
		return counting(s.AvailableReplicas, s.UpdatedReplicas, "available")
	default:
		return Progress{Phase: Complete}
	}
}

// steady reports whether a Deployment is not being changed, and has as many Pods as its strategy
// asks for at least.
func steady(d *appsv1.Deployment) bool {
	s := &d.Status
	available := slices.ContainsFunc(s.Conditions, func(c appsv1.DeploymentCondition) bool {
		return c.Type == appsv1.DeploymentAvailable && c.Status == corev1.ConditionTrue
	})
	return available && s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == s.Replicas && !gaveUp(s.Conditions)
}

func gaveUp(conditions []appsv1.DeploymentCondition) bool {
	return slices.ContainsFunc(conditions, saysGaveUp)
}

// gaveUpAt returns when a Deployment gave up; zero if it did not. Its controller leaves the
// condition for a moment when the template becomes one that it knows.
func gaveUpAt(conditions []appsv1.DeploymentCondition) time.Time {
	if i := slices.IndexFunc(conditions, saysGaveUp); i >= 0 {
		return conditions[i].LastUpdateTime.Time
	}
	return time.Time{}
}

func saysGaveUp(c appsv1.DeploymentCondition) bool {
	return c.Type == appsv1.DeploymentProgressing && c.Reason == deadlineExceeded
}

// ofStatefulSet follows "kubectl rollout status": with a partition only the Pods from it
// on are renewed, and the others stay as they are on purpose. One whose Pods come in order waits
// for a broken Pod even if its template is mended, see
// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback.
func ofStatefulSet(s *appsv1.StatefulSet) Progress {
	wanted, status, partition := ptr.Deref(s.Spec.Replicas, 1), &s.Status, int32(0)
	if rolling := s.Spec.UpdateStrategy.RollingUpdate; rolling != nil {
		partition = min(ptr.Deref(rolling.Partition, 0), wanted)
	}
	switch {
	case s.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType:
		return byDeletion()
	case status.ObservedGeneration < s.Generation:
		return unobserved()
	case status.AvailableReplicas < wanted && s.Spec.PodManagementPolicy != appsv1.ParallelPodManagement:
		progress := counting(status.AvailableReplicas, wanted, "available")
		progress.Why += " (Kubernetes never replaces one that does not become ready: delete it)"
		return progress
	case status.AvailableReplicas < wanted:
		return counting(status.AvailableReplicas, wanted, "available")
	case partition > 0 && status.UpdatedReplicas < wanted-partition:
		return counting(status.UpdatedReplicas, wanted-partition, "updated")
	case partition == 0 && status.UpdateRevision != status.CurrentRevision:
		return counting(status.UpdatedReplicas, wanted, "updated")
	default:
		return Progress{Phase: Complete}
	}
}

// ofDaemonSet follows "kubectl rollout status".
func ofDaemonSet(d *appsv1.DaemonSet) Progress {
	s := &d.Status
	switch {
	case d.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType:
		return byDeletion()
	case s.ObservedGeneration < d.Generation:
		return unobserved()
	case s.UpdatedNumberScheduled < s.DesiredNumberScheduled:
		return counting(s.UpdatedNumberScheduled, s.DesiredNumberScheduled, "updated")
	case s.NumberAvailable < s.DesiredNumberScheduled:
		return counting(s.NumberAvailable, s.DesiredNumberScheduled, "available")
	default:
		return Progress{Phase: Complete}
	}
}

func unobserved() Progress {
	return Progress{Progressing, "its controller has not seen the change yet"}
}

func byDeletion() Progress {
	return Progress{Unwatched, "its update strategy is OnDelete: delete its Pods"}
}

func counting(have, want int32, what string) Progress {
	return Progress{Progressing, fmt.Sprintf("%d of %d Pods are %s", have, want, what)}
}
