// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SecretSyncStatus says what is served and why. It is derived: the target and the
// revisions are the truth.
type SecretSyncStatus struct {
	// observedGeneration is the generation of the spec this status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions are Ready, Stalled, Reconciling, Stale, Drifted, RolledBack, RestartDegraded
	// and HistoryDegraded.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// target is the name of the Secret that is served; absent before the first time.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Target string `json:"target,omitempty"`
	// targetMode is Merge if that Secret is somebody else's and only keys of it are served.
	// +kubebuilder:validation:Enum=Merge
	// +optional
	TargetMode string `json:"targetMode,omitempty"`
	// servingRevision is the revision the target holds.
	// +optional
	ServingRevision int64 `json:"servingRevision,omitempty"`
	// newestRevision is the newest state the backend gave.
	// +optional
	NewestRevision int64 `json:"newestRevision,omitempty"`
	// history lists the kept revisions, newest first.
	// +listType=map
	// +listMapKey=revision
	// +kubebuilder:validation:MaxItems=32
	// +optional
	History []HistoryEntry `json:"history,omitempty"`
	// served lists what was live, newest first: the last 20 changes.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +optional
	Served []ServedEntry `json:"served,omitempty"`
	// rollback is the hold in force; absent when the newest is followed.
	// +optional
	Rollback *RollbackStatus `json:"rollback,omitempty"`
	// drift is the last difference that was seen; absent if there never was one.
	// +optional
	Drift *DriftStatus `json:"drift,omitempty"`
	// blocked is the state that safety holds back, or that lacks keys which the backend shows no
	// more and does not prove to be gone; absent when there is none.
	// +optional
	Blocked *BlockedStatus `json:"blocked,omitempty"`
	// restart tells of the restarts for the last change of content; absent if there were none.
	// +optional
	Restart *RestartStatus `json:"restart,omitempty"`
	// lastHandledRefresh acknowledges the last requested refresh.
	// +optional
	LastHandledRefresh *RefreshStatus `json:"lastHandledRefresh,omitempty"`
}

// HistoryEntry describes one kept revision.
type HistoryEntry struct {
	// revision is its number.
	// +required
	Revision int64 `json:"revision,omitempty"`
	// observedAt is when the state was first seen.
	// +required
	ObservedAt metav1.Time `json:"observedAt,omitzero"`
	// sources are the entries it was rendered from, at most 32.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +optional
	Sources []SourceVersion `json:"sources,omitempty"`
	// truncated says that there were more sources or values than are listed.
	// +optional
	Truncated *bool `json:"truncated,omitempty"`
	// keys says what changed since the revision before, by key name.
	// +optional
	Keys KeyChanges `json:"keys,omitzero"`
	// digest is a keyed digest of type and data, bound to namespace, name and number.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	Digest string `json:"digest,omitempty"`
}

// SourceVersion is one entry at one version.
type SourceVersion struct {
	// path of the entry.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Path string `json:"path,omitempty"`
	// version of the entry; absent if the backend has none.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	Version string `json:"version,omitempty"`
	// destroyed says that the backend no longer has this version; absent as long as that is
	// not known. The revision still holds its values.
	// +optional
	Destroyed *bool `json:"destroyed,omitempty"`
	// values are the fields that were taken from the entry, where values have versions and
	// entries none; at most 32 in a revision. The revision itself records them all.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +optional
	Values []ValueVersion `json:"values,omitempty"`
}

// ValueVersion is one field at one version.
type ValueVersion struct {
	// field of the entry.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Field string `json:"field,omitempty"`
	// version of the field's value.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	Version string `json:"version,omitempty"`
	// from is the path that the value came from, if not the entry's own, with its environment
	// before a colon if that is another; it ends with /* if the value came through that path
	// from a place that is not known.
	// +kubebuilder:validation:MaxLength=2051
	// +optional
	From string `json:"from,omitempty"`
}

// KeyChanges names the keys that differ from the revision before, at most 32 each.
type KeyChanges struct {
	// added keys.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=253
	// +optional
	Added []string `json:"added,omitempty"`
	// removed keys.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=253
	// +optional
	Removed []string `json:"removed,omitempty"`
	// changed keys.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=253
	// +optional
	Changed []string `json:"changed,omitempty"`
}

// Causes of a change of what is served.
const (
	CauseNewVersion = "NewVersion"
	CauseRollback   = "Rollback"
	CauseRelease    = "Release"
	CauseAdopt      = "Adopt"
)

// ServedEntry says what became live, when and why.
type ServedEntry struct {
	// revision that became live.
	// +required
	Revision int64 `json:"revision,omitempty"`
	// from is when it became live.
	// +required
	From metav1.Time `json:"from,omitzero"`
	// cause is NewVersion, Rollback, Release or Adopt.
	// +kubebuilder:validation:Enum=NewVersion;Rollback;Release;Adopt
	// +required
	Cause string `json:"cause,omitempty"`
	// by is who asked: the user that the API server stamped, if the operator trusts that, else
	// the field manager that managedFields show. A claim.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	By string `json:"by,omitempty"`
	// request is the text of the annotation that asked.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Request string `json:"request,omitempty"`
}

// RollbackStatus is a hold in force.
type RollbackStatus struct {
	// requested is the annotation's text.
	// +kubebuilder:validation:MaxLength=253
	// +required
	Requested string `json:"requested,omitempty"`
	// revision is what it resolved to.
	// +optional
	Revision int64 `json:"revision,omitempty"`
	// since is when it resolved.
	// +required
	Since metav1.Time `json:"since,omitzero"`
	// why tells of a revision that was taken back which workloads did not come up with it, and by
	// what that showed.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Why string `json:"why,omitempty"`
	// by is who asked: the user that the API server stamped, if the operator trusts that, else
	// the field manager that managedFields show. A claim.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	By string `json:"by,omitempty"`
}

// DriftStatus is a difference between the target and what it should hold.
type DriftStatus struct {
	// kind is Edited, Extra, Missing, Metadata, Label, Deleted or Replaced.
	// +kubebuilder:validation:MaxLength=64
	// +required
	Kind string `json:"kind,omitempty"`
	// keys are the names of the keys concerned, of data, labels or annotations; at most 32.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=317
	// +optional
	Keys []string `json:"keys,omitempty"`
	// by is the field manager that managedFields show, else unknown. A claim.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	By string `json:"by,omitempty"`
	// since is when it was seen.
	// +required
	Since metav1.Time `json:"since,omitzero"`
}

// BlockedStatus is a state that is held back until a person accepts it.
type BlockedStatus struct {
	// token is what secretsync.io/accept must hold to let exactly this state through.
	// +kubebuilder:validation:MaxLength=64
	// +required
	Token string `json:"token,omitempty"`
	// keys are the names of the keys that would be lost, at most 32.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=253
	// +optional
	Keys []string `json:"keys,omitempty"`
}

// RefreshStatus acknowledges a requested refresh.
type RefreshStatus struct {
	// request is the annotation's text.
	// +kubebuilder:validation:MaxLength=253
	// +required
	Request string `json:"request,omitempty"`
	// at is when the backend had been read.
	// +required
	At metav1.Time `json:"at,omitzero"`
	// result is Changed, Unchanged or the reason of the failure.
	// +kubebuilder:validation:MaxLength=64
	// +required
	Result string `json:"result,omitempty"`
}
