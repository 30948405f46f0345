// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Kinds of workloads.
const (
	KindDeployment  = "Deployment"
	KindStatefulSet = "StatefulSet"
	KindDaemonSet   = "DaemonSet"
	KindReplicaSet  = "ReplicaSet"
	KindCronJob     = "CronJob"
	KindJob         = "Job"
	KindPod         = "Pod"
)

// Workload is an object that makes Pods, or a Pod by itself.
type Workload struct {
	// Kind, Namespace and Name of the object.
	Kind, Namespace, Name string
	// Pod is what it makes.
	Pod corev1.PodSpec
	// ByHand says why a change of its Pod template does not restart it, and what does;
	// empty if the template is enough.
	ByHand string
}

// NextRun says of a CronJob why nothing has to be restarted.
const NextRun = "its next run takes the new values"

// FromDeployment returns the Deployment as a workload.
func FromDeployment(d *appsv1.Deployment) Workload {
	w := workload(KindDeployment, d, d.Spec.Template.Spec)
	if d.Spec.Paused {
		w.ByHand = "its rollout is paused: resume it, then restart it"
	}
	return w
}

// FromStatefulSet returns the StatefulSet as a workload.
func FromStatefulSet(s *appsv1.StatefulSet) Workload {
	w := workload(KindStatefulSet, s, s.Spec.Template.Spec)
	if s.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
		w.ByHand = "its update strategy is OnDelete: delete its Pods"
	}
	return w
}

// FromDaemonSet returns the DaemonSet as a workload.
func FromDaemonSet(d *appsv1.DaemonSet) Workload {
	w := workload(KindDaemonSet, d, d.Spec.Template.Spec)
	if d.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType {
		w.ByHand = "its update strategy is OnDelete: delete its Pods"
	}
	return w
}

// FromCronJob returns the CronJob as a workload.
func FromCronJob(c *batchv1.CronJob) Workload {
	w := workload(KindCronJob, c, c.Spec.JobTemplate.Spec.Template.Spec)
	w.ByHand = NextRun
	return w
}

// FromJob returns a Job as a workload; ok is false if it is over, or a CronJob's.
func FromJob(j *batchv1.Job) (w Workload, ok bool) {
	w = workload(KindJob, j, j.Spec.Template.Spec)
	w.ByHand = "a Job is not restarted: delete it and create it anew, if it must have the new values"
	return w, !over(j) && !ownedBy(j, KindCronJob)
}

// over reports whether a Job has ended, well or not; one that failed has no completionTime.
func over(j *batchv1.Job) bool {
	return slices.ContainsFunc(j.Status.Conditions, func(c batchv1.JobCondition) bool {
		return (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue
	})
}

// FromReplicaSet returns a ReplicaSet as a workload; ok is false if it is empty, or a
// Deployment's. What is left belongs to nobody or to a kind that Kubernetes does not
// know, such as a Rollout.
func FromReplicaSet(r *appsv1.ReplicaSet) (w Workload, ok bool) {
	w = workload(KindReplicaSet, r, r.Spec.Template.Spec)
	w.ByHand = "restart it by the means of its owner, or delete its Pods"
	empty := r.Spec.Replicas != nil && *r.Spec.Replicas == 0
	return w, !empty && !ownedBy(r, KindDeployment)
}

// FromPod returns a Pod as a workload; ok is false if it is over, or one of the kinds above made it.
func FromPod(p *corev1.Pod) (w Workload, ok bool) {
	w = workload(KindPod, p, p.Spec)
	w.ByHand = "a Pod is not restarted: delete it and create it anew"
	over := p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
	return w, !over && !ownedBy(p, KindReplicaSet, KindStatefulSet, KindDaemonSet, KindJob)
}

func workload(kind string, o metav1.Object, pod corev1.PodSpec) Workload {
	return Workload{Kind: kind, Namespace: o.GetNamespace(), Name: o.GetName(), Pod: pod}
}

func ownedBy(o metav1.Object, kinds ...string) bool {
	owner := metav1.GetControllerOfNoCopy(o)
	return owner != nil && slices.Contains(kinds, owner.Kind)
}
