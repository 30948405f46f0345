// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ClusterSecretSync keeps one SecretSync in each of the namespaces that it selects.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=cssync,categories=secretsync
// +kubebuilder:printcolumn:name="Namespaces",type=integer,JSONPath=`.status.namespaces.selected`
// +kubebuilder:printcolumn:name="Ready",type=integer,JSONPath=`.status.namespaces.ready`
// +kubebuilder:printcolumn:name="Failed",type=integer,JSONPath=`.status.namespaces.failed`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Paused",type=boolean,JSONPath=`.spec.rollout.pause`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="metadata.name: at most 63 characters, because it becomes the value of a label"
type ClusterSecretSync struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says which namespaces get which SecretSync.
	// +required
	Spec ClusterSecretSyncSpec `json:"spec,omitzero"`
	// status says how far that is; it is computed from the SecretSyncs.
	// +optional
	Status ClusterSecretSyncStatus `json:"status,omitzero"`
}

// ClusterSecretSyncList is a list of ClusterSecretSyncs.
//
// +kubebuilder:object:root=true
type ClusterSecretSyncList struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard list metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the ClusterSecretSyncs.
	Items []ClusterSecretSync `json:"items"`
}

// ClusterSecretSyncSpec says which namespaces get which SecretSync.
type ClusterSecretSyncSpec struct {
	// namespaces that get a SecretSync; absent is none, {} is all. Those whose names start with
	// kube-, and the operator's own, have to be named.
	// +optional
	Namespaces *FanOutNamespaces `json:"namespaces,omitempty"`
	// secretSync is what each of them gets.
	// +required
	SecretSync SecretSyncTemplate `json:"secretSync,omitzero"`
	// rollout says how a change of secretSync reaches the SecretSyncs that are there.
	// +optional
	Rollout Rollout `json:"rollout,omitzero"`
	// safety holds back what looks like an accident.
	// +optional
	Safety FanOutSafety `json:"safety,omitzero"`
	// onDelete says what happens to the SecretSyncs when the ClusterSecretSync is deleted: Keep
	// or Delete. Their Secrets stay, unless spec.secretSync.spec.target.onDelete is Delete.
	// Default: Keep.
	// +kubebuilder:validation:Enum=Keep;Delete
	// +optional
	OnDelete string `json:"onDelete,omitempty"`
	// onDeselect says what happens to the SecretSync of a namespace that is not selected any
	// more: Keep or Delete. Its Secret stays, unless spec.secretSync.spec.target.onDelete is
	// Delete. Default: Delete.
	// +kubebuilder:validation:Enum=Keep;Delete
	// +optional
	OnDeselect string `json:"onDeselect,omitempty"`
}

// FanOutNamespaces selects namespaces by name or label, except some; empty, it selects all.
type FanOutNamespaces struct {
	NamespaceSelection `json:",inline"`
	// exclude are names of namespaces that are not selected, whatever else selects them.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1024
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a namespace: lower-case letters, digits and -, starting and ending with a letter or a digit"
	// +optional
	Exclude []string `json:"exclude,omitempty"`
}

// SecretSyncTemplate is the SecretSync that each selected namespace gets.
type SecretSyncTemplate struct {
	// name of the SecretSync. {namespace} and {label:KEY}, a label of the namespace, are
	// replaced. Default: the name of the ClusterSecretSync.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=240
	// +kubebuilder:validation:XValidation:rule="self.matches('^([a-z0-9.-]|[{]namespace[}]|[{]label:[A-Za-z0-9_./-]+[}])+$')",message="must be made of lower-case letters, digits, -, ., {namespace} and {label:KEY}, as in cert-{namespace}"
	// +kubebuilder:validation:XValidation:rule="!self.matches('[.]r[0-9]+$')",message="must not end in .r<digits>, which is how revisions are named"
	// +optional
	Name string `json:"name,omitempty"`
	// metadata is put on the SecretSync; labels and annotations of others stay.
	// +optional
	Metadata TargetMetadata `json:"metadata,omitzero"`
	// spec is that of the SecretSync. Paths may hold {namespace} and {label:KEY}.
	// +required
	Spec SecretSyncSpec `json:"spec,omitzero"`
}

// Rollout says how a change of the template reaches the SecretSyncs that are there. A
// namespace without a SecretSync gets one at once.
type Rollout struct {
	// maxPercent of the selected namespaces, at least one, are changed at a time; the next
	// follow when these are Ready. Default: 100.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	MaxPercent *int32 `json:"maxPercent,omitempty"`
	// maxFailures is how many namespaces may fail with the template as it is now before no
	// further one is changed. Default: 0.
	// +kubebuilder:validation:Minimum=0
	// +optional
	MaxFailures *int32 `json:"maxFailures,omitempty"`
	// pause stops everything: no SecretSync is created, changed or deleted. Default: false.
	// +optional
	Pause *bool `json:"pause,omitempty"`
}

// FanOutSafety says how many namespaces may lose their SecretSyncs unasked.
type FanOutSafety struct {
	// maxRemovalPercent holds the deletion of SecretSyncs back if more than this part of the
	// namespaces that have one, and more than two, would lose it within ten minutes; 100 switches
	// the guard off. Default: 25.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	MaxRemovalPercent *int32 `json:"maxRemovalPercent,omitempty"`
}

// ClusterSecretSyncStatus says how far the SecretSyncs are what the specification asks for.
type ClusterSecretSyncStatus struct {
	// observedGeneration is the generation of the spec this status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions are Ready, Stalled and Reconciling.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// namespaces counts them.
	// +optional
	Namespaces *NamespaceCounts `json:"namespaces,omitempty"`
	// failures lists the first of the namespaces that fail, by name, at most 32.
	// +listType=map
	// +listMapKey=namespace
	// +kubebuilder:validation:MaxItems=32
	// +optional
	Failures []NamespaceFailure `json:"failures,omitempty"`
	// blocked are the SecretSyncs that would be deleted, and that safety keeps.
	// +optional
	Blocked *BlockedRemoval `json:"blocked,omitempty"`
}

// BlockedRemoval are SecretSyncs that safety keeps from being deleted.
type BlockedRemoval struct {
	// token is what secretsync.io/accept must hold to let exactly these go.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Token string `json:"token,omitempty"`
	// count is how many namespaces they are in.
	// +kubebuilder:validation:Minimum=1
	// +required
	Count *int32 `json:"count,omitempty"`
	// namespaces are the first of these, by name, at most 32.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +optional
	Namespaces []string `json:"namespaces,omitempty"`
}

// NamespaceCounts counts selected namespaces.
type NamespaceCounts struct {
	// selected namespaces, those that are being deleted aside.
	// +kubebuilder:validation:Minimum=0
	// +required
	Selected *int32 `json:"selected,omitempty"`
	// created are those that have their SecretSync.
	// +kubebuilder:validation:Minimum=0
	// +required
	Created *int32 `json:"created,omitempty"`
	// updated are those whose SecretSync is what spec.secretSync says now.
	// +kubebuilder:validation:Minimum=0
	// +required
	Updated *int32 `json:"updated,omitempty"`
	// ready are those whose SecretSync is Ready.
	// +kubebuilder:validation:Minimum=0
	// +required
	Ready *int32 `json:"ready,omitempty"`
	// failed are those without a SecretSync that could be created or changed, or with one that
	// is not Ready.
	// +kubebuilder:validation:Minimum=0
	// +required
	Failed *int32 `json:"failed,omitempty"`
}

// NamespaceFailure says why one namespace does not have what it should.
type NamespaceFailure struct {
	// namespace that fails.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Namespace string `json:"namespace,omitempty"`
	// reason is a word for machines: that of the SecretSync's condition Ready, or why there is
	// no SecretSync.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Reason string `json:"reason,omitempty"`
	// message tells a person.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Message string `json:"message,omitempty"`
}
