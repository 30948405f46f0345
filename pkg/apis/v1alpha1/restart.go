// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Restart says what is restarted when the content of the Secret changes.
//
// +kubebuilder:validation:XValidation:rule="has(self.targets) == (has(self.mode) && self.mode == 'Targets')",message="must have targets with mode Targets, and with no other"
// +kubebuilder:validation:XValidation:rule="has(self.selector) == (has(self.mode) && self.mode == 'Selector')",message="must have a selector with mode Selector, and with no other"
type Restart struct {
	// mode is Auto (the workloads whose Pod template refers to the Secret), Targets (those that
	// are named) or Selector (those that have the labels). Default: Auto.
	// +kubebuilder:validation:Enum=Auto;Targets;Selector
	// +optional
	Mode string `json:"mode,omitempty"`
	// targets are the workloads of mode Targets, in the namespace of the SecretSync.
	// +listType=map
	// +listMapKey=kind
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +optional
	Targets []RestartTarget `json:"targets,omitempty"`
	// selector chooses the workloads of mode Selector by their own labels, not by those of
	// their Pods. An empty one would choose all and is refused.
	// +kubebuilder:validation:XValidation:rule="has(self.matchLabels) && size(self.matchLabels) > 0 || has(self.matchExpressions) && size(self.matchExpressions) > 0",message="must not be empty, which would choose every workload of the namespace"
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
	// maxPerMinute bounds how many workloads this SecretSync restarts in a minute; they are
	// spread over it. Default: 20.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=6000
	// +optional
	MaxPerMinute *int32 `json:"maxPerMinute,omitempty"`
	// deadline is how long each workload may take until its new Pods are available; after
	// that its restart has failed. Default: 10m.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,7}([.][0-9]{1,9})?(ns|us|ms|s|m|h))+$') && duration(self) >= duration('5s') && duration(self) <= duration('24h')",message="must be 5s to 24h, as in 90s or 10m"
	// +optional
	Deadline *metav1.Duration `json:"deadline,omitempty"`
	// onFailure is Report (say so), or Rollback (go back to the revision that was served
	// before, restart with it, and hold it until a newer one comes). Default: Report.
	// +kubebuilder:validation:Enum=Report;Rollback
	// +optional
	OnFailure string `json:"onFailure,omitempty"`
}

// RestartTarget names a workload.
type RestartTarget struct {
	// kind is Deployment, StatefulSet, DaemonSet or Rollout (of argoproj.io).
	// +kubebuilder:validation:Enum=Deployment;StatefulSet;DaemonSet;Rollout
	// +required
	Kind string `json:"kind,omitempty"`
	// name of the workload.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name,omitempty"`
}

// Values of the enumerations of Restart.
const (
	RestartAuto       = "Auto"
	RestartTargets    = "Targets"
	RestartSelector   = "Selector"
	OnFailureRollback = "Rollback"
)

// What an omitted field of Restart means.
const (
	DefaultMaxPerMinute    = 20
	DefaultRestartDeadline = 10 * time.Minute
)

// MaxPerMinuteOrDefault returns how many workloads are restarted in a minute at most.
func (r *Restart) MaxPerMinuteOrDefault() int { return int(deref(r.MaxPerMinute, DefaultMaxPerMinute)) }

// DeadlineOrDefault returns how long the restart of one workload may take.
func (r *Restart) DeadlineOrDefault() time.Duration {
	if r.Deadline == nil {
		return DefaultRestartDeadline
	}
	return r.Deadline.Duration
}

// ModeOrDefault returns Auto, Targets or Selector.
func (r *Restart) ModeOrDefault() string { return or(r.Mode, RestartAuto) }

// States of a RestartStatus.
const (
	// RestartPending: it waits to begin.
	RestartPending = "Pending"
	// RestartRunning: workloads are restarted and watched.
	RestartRunning = "Running"
	// RestartDone: every workload runs with the revision.
	RestartDone = "Done"
	// RestartFailed: some do not, or nothing could be restarted.
	RestartFailed = "Failed"
)

// RestartStatus is how far the restarts for one change of content have come.
type RestartStatus struct {
	// revision that the workloads are restarted for.
	// +required
	Revision int64 `json:"revision,omitempty"`
	// state is Pending, Running, Done or Failed.
	// +kubebuilder:validation:Enum=Pending;Running;Done;Failed
	// +required
	State string `json:"state,omitempty"`
	// done is how many of the workloads run with the revision.
	// +optional
	Done int32 `json:"done,omitempty"`
	// total is how many workloads there are to restart.
	// +optional
	Total int32 `json:"total,omitempty"`
	// failed names workloads whose restart failed, as Kind/name; at most 10.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=317
	// +optional
	Failed []string `json:"failed,omitempty"`
	// message tells what people should know: what failed and why, what is left to others.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Message string `json:"message,omitempty"`
	// since is when the revision was first seen to need restarts.
	// +required
	Since metav1.Time `json:"since,omitzero"`
}
