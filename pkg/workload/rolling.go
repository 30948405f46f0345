// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Rolling is a workload whose Pods a change of its Pod template renews.
type Rolling struct {
	Workload

	// Meta is the metadata of the workload itself. It is not changed.
	Meta metav1.Object
	// Template are the annotations of its Pod template.
	Template map[string]string
	// Progress of its newest template.
	Progress Progress
	// Holder is the Deployment that holds its Pod template, to be changed in place of its own;
	// empty if it has one itself.
	Holder string
	// Steady says that enough Pods are available and none is of an older template, even if some
	// are missing: many of many, or while it is scaled. Known of Deployments only.
	Steady bool
	// FailedAt is when it failed, as its controller tells; zero where that is not told.
	FailedAt time.Time
}

// RollingDeployment returns a Deployment as one.
func RollingDeployment(d *appsv1.Deployment) Rolling {
	return Rolling{
		Workload: FromDeployment(d), Meta: d, Template: d.Spec.Template.Annotations, Progress: ofDeployment(d),
		Steady: steady(d), FailedAt: gaveUpAt(d.Status.Conditions),
	}
}

// RollingStatefulSet returns a StatefulSet as one.
func RollingStatefulSet(s *appsv1.StatefulSet) Rolling {
	return Rolling{Workload: FromStatefulSet(s), Meta: s, Template: s.Spec.Template.Annotations, Progress: ofStatefulSet(s)}
}

// RollingDaemonSet returns a DaemonSet as one.
func RollingDaemonSet(d *appsv1.DaemonSet) Rolling {
	return Rolling{Workload: FromDaemonSet(d), Meta: d, Template: d.Spec.Template.Annotations, Progress: ofDaemonSet(d)}
}

// Deleting reports whether somebody deleted it, and only its end is waited for.
func (r *Rolling) Deleting() bool { return !r.Meta.GetDeletionTimestamp().IsZero() }

// Title names it for people and machines: Kind/name.
func (r *Rolling) Title() string { return r.Kind + "/" + r.Name }

// Restarts reports whether a change of the Secret of that name has to renew its Pods: they
// refer to it by more than the credential for their images, which is read at every pull.
func (r *Rolling) Restarts(secret string) bool {
	uses := Uses(secret, &r.Pod)
	return len(uses) > 0 && !Consumer{Uses: uses}.OnlyPulls()
}
