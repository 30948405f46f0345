// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SecretSync brings entries of a secret backend into one Secret of its own namespace.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=ssync,categories=secretsync
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Serving",type=integer,JSONPath=`.status.servingRevision`
// +kubebuilder:printcolumn:name="Newest",type=integer,JSONPath=`.status.newestRevision`
// +kubebuilder:printcolumn:name="Held",type=string,JSONPath=`.status.rollback.requested`
// +kubebuilder:printcolumn:name="Backend",type=string,JSONPath=`.spec.backendRef.name`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 240",message="metadata.name: at most 240 characters, because revisions are named <name>.r<number>"
// +kubebuilder:validation:XValidation:rule="!self.metadata.name.matches('[.]r[0-9]+$')",message="metadata.name: must not end in .r<digits>, which is how revisions are named"
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63 || !has(self.spec.target) || !has(self.spec.target.mode) || self.spec.target.mode != 'Merge'",message="metadata.name: at most 63 characters in mode Merge, because an annotation of the Secret is named after it"
type SecretSync struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what to read and what to serve.
	// +required
	Spec SecretSyncSpec `json:"spec,omitzero"`
	// status says what is served; it can be rebuilt from the target and the revisions.
	// +optional
	Status SecretSyncStatus `json:"status,omitzero"`
}

// SecretSyncList is a list of SecretSyncs.
//
// +kubebuilder:object:root=true
type SecretSyncList struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard list metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the SecretSyncs.
	Items []SecretSync `json:"items"`
}

// BackendRef names the backend to read from.
type BackendRef struct {
	// kind is SecretBackend (of the same namespace) or ClusterSecretBackend.
	// +kubebuilder:validation:Enum=SecretBackend;ClusterSecretBackend
	// +required
	Kind string `json:"kind,omitempty"`
	// name is the backend's name.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="must be the name of a backend: lower-case letters, digits, - and ., starting and ending with a letter or a digit"
	// +required
	Name string `json:"name,omitempty"`
}

// SecretSyncSpec says what to read and what to serve.
//
// +kubebuilder:validation:XValidation:rule="!has(self.template) || !has(self.template.metadata) || !has(self.target) || !has(self.target.mode) || self.target.mode == 'Own'",message="template.metadata belongs to the Secret's owner in mode Merge: leave it out"
// +kubebuilder:validation:XValidation:rule="has(self.data) || has(self.dataFrom)",message="must have data, dataFrom or both, so that there is something to read"
// +kubebuilder:validation:XValidation:rule="(has(self.target) && has(self.target.type) ? self.target.type : 'Opaque') == (has(oldSelf.target) && has(oldSelf.target.type) ? oldSelf.target.type : 'Opaque') || (has(self.target) && has(self.target.name) ? self.target.name : '-') != (has(oldSelf.target) && has(oldSelf.target.name) ? oldSelf.target.name : '-') || (has(self.target) && has(self.target.recreate) ? self.target.recreate : 'Forbidden') == 'Allowed' || (has(self.target) && has(self.target.mode) ? self.target.mode : 'Own') == 'Merge' || (has(self.target) && has(self.target.versioned) && self.target.versioned)",message="target.type of an existing Secret can change only by deleting and creating it: set target.recreate to Allowed, or give another target.name"
type SecretSyncSpec struct {
	// backendRef names the backend; omitted, it is the only cluster backend that serves
	// this namespace, or the one of them annotated secretsync.io/is-default-backend.
	// +optional
	BackendRef *BackendRef `json:"backendRef,omitempty"`
	// refresh says how often the backend is read.
	// +optional
	Refresh Refresh `json:"refresh,omitzero"`
	// data maps single fields of entries to keys of the Secret; it wins over dataFrom.
	// +listType=map
	// +listMapKey=secretKey
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=256
	// +optional
	Data []DataItem `json:"data,omitempty"`
	// dataFrom takes whole entries or folders of them, every field under its own name or as it
	// is renamed.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +optional
	DataFrom []DataFrom `json:"dataFrom,omitempty"`
	// template makes the keys of the Secret from the collected values; omitted, each value is
	// a key.
	// +optional
	Template *Template `json:"template,omitempty"`
	// target describes the Secret that is served.
	// +optional
	Target Target `json:"target,omitzero"`
	// history says how many served states are kept.
	// +optional
	History HistoryPolicy `json:"history,omitzero"`
	// drift says what happens when the target is changed by hand.
	// +optional
	Drift DriftPolicy `json:"drift,omitzero"`
	// safety says which changes in the backend are too odd to serve unasked.
	// +optional
	Safety Safety `json:"safety,omitzero"`
	// restart has workloads restarted when the content of the Secret changes; absent, none is.
	// +optional
	Restart *Restart `json:"restart,omitempty"`
	// suspend stops everything for this object: nothing is read or written.
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// Refresh says how often the backend is read.
type Refresh struct {
	// interval is the time between reads, 5s or more; 0s reads only on request. Default: 1m.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^(0|([0-9]{1,7}([.][0-9]{1,9})?(ns|us|ms|s|m|h))+)$') && (duration(self) == duration('0s') || (duration(self) >= duration('5s') && duration(self) <= duration('8760h')))",message="must be 0s (read on request only), or 5s to 8760h, as in 30s, 5m or 1h30m"
	// +optional
	Interval *metav1.Duration `json:"interval,omitempty"`
}

// DataItem maps one field of one entry to one key of the Secret.
type DataItem struct {
	// secretKey is the key in the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$') && self != '.' && !self.startsWith('..')",message="must be a key of a Secret: characters of [-._a-zA-Z0-9], not starting with .. and not . alone"
	// +required
	SecretKey string `json:"secretKey,omitempty"`
	// from names the field.
	// +required
	From FieldSource `json:"from,omitzero"`
	// decode says how the value is encoded in the backend: None or Base64. Default: None.
	// +kubebuilder:validation:Enum=None;Base64
	// +optional
	Decode string `json:"decode,omitempty"`
}

// FieldSource names one field of one entry.
type FieldSource struct {
	EntrySource `json:",inline"`
	// field is the exact name of one field of the entry.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Field string `json:"field,omitempty"`
	// jsonPointer (RFC 6901) goes inside the field's value, which must then be an object, a
	// list, or a text that is one of them in JSON. Empty, the value is taken as it is.
	// +kubebuilder:validation:MinLength=0
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self == '' || (self.startsWith('/') && !self.matches('~([^01]|$)'))",message="must be an RFC 6901 pointer: it starts with / and writes ~ as ~0 and / as ~1, as in /tls/key"
	// +optional
	JSONPointer string `json:"jsonPointer,omitempty"`
}

// EntrySource names one entry of a backend.
type EntrySource struct {
	// backendRef names another backend than the SecretSync's for this entry.
	// +optional
	BackendRef *BackendRef `json:"backendRef,omitempty"`
	// path is the entry's path within the backend's mount or environment; / is the root, where
	// there is an entry at it, as in Infisical. {namespace} and {label:KEY}, a label of the
	// namespace, are replaced literally.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self == '/' || (self.matches('^([A-Za-z0-9_.@ -]|[{]namespace[}]|[{]label:[A-Za-z0-9_./-]+[}])+(/([A-Za-z0-9_.@ -]|[{]namespace[}]|[{]label:[A-Za-z0-9_./-]+[}])+)*$') && !self.matches('(^|/)[.]{1,2}(/|$)'))",message="must be / or segments of [A-Za-z0-9_.@ -], {namespace} and {label:KEY}, separated by single slashes, none of them . or .., as in payments/db"
	// +required
	Path string `json:"path,omitempty"`
	// version pins exactly that version of the entry or, where values have versions and entries
	// none, of the field; omitted, the newest is read. Always text.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9._-]+$')",message="must be the version's name, characters of [A-Za-z0-9._-], as in 4"
	// +optional
	Version string `json:"version,omitempty"`
}

// DataFrom takes many keys at once; exactly one of entry and find is set.
//
// +kubebuilder:validation:XValidation:rule="has(self.entry) != has(self.find)",message="must have exactly one member: entry or find"
type DataFrom struct {
	// entry takes the fields of one entry.
	// +optional
	Entry *EntrySource `json:"entry,omitempty"`
	// find takes the fields of the entries in a folder.
	// +optional
	Find *FindSource `json:"find,omitempty"`

	Shaping `json:",inline"`
}

// Target describes the Secret that is served.
//
// +kubebuilder:validation:XValidation:rule="!has(self.mode) || self.mode != 'Merge' || (!has(self.type) && !has(self.metadata))",message="target.type and target.metadata belong to the Secret's owner in mode Merge: leave them out"
// +kubebuilder:validation:XValidation:rule="!has(self.mode) || self.mode != 'Merge' || ((!has(self.recreate) || self.recreate == 'Forbidden') && (!has(self.onSourceGone) || self.onSourceGone == 'Keep'))",message="target.recreate: Allowed and target.onSourceGone: Delete are refused in mode Merge, because the Secret is somebody else's"
// +kubebuilder:validation:XValidation:rule="!has(self.versioned) || !self.versioned || !has(self.mode) || self.mode == 'Own'",message="target.versioned is refused in mode Merge, because the Secret is somebody else's"
// +kubebuilder:validation:XValidation:rule="!has(self.versioned) || !self.versioned || ((!has(self.recreate) || self.recreate == 'Forbidden') && (!has(self.onSourceGone) || self.onSourceGone == 'Keep'))",message="target.recreate: Allowed and target.onSourceGone: Delete are refused with versioned, because Pods may refer to each of the Secrets"
type Target struct {
	// name of the Secret. Default: the SecretSync's own name. When it changes, the old Secret
	// stays as it is.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=240
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be the name of a Secret: lower-case letters, digits, - and ., each part between dots starting and ending with a letter or a digit"
	// +kubebuilder:validation:XValidation:rule="!self.matches('[.]r[0-9]+$')",message="must not end in .r<digits>, which is how revisions are named"
	// +optional
	Name string `json:"name,omitempty"`
	// type of the Secret. Default: Opaque.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!(self in ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token']) && !self.startsWith('helm.sh/') && !self.startsWith('secretsync.io/')",message="must be a type that nobody acts on, such as Opaque or kubernetes.io/tls: tokens of ServiceAccounts, bootstrap tokens, Helm releases and types of secretsync.io are refused"
	// +optional
	Type string `json:"type,omitempty"`
	// mode is Own (the whole Secret is served) or Merge (our keys are put into a Secret that
	// exists and stays somebody else's). Default: Own.
	// +kubebuilder:validation:Enum=Own;Merge
	// +optional
	Mode string `json:"mode,omitempty"`
	// versioned serves each state as an immutable Secret of its own, <name>-<hash>, and keeps
	// those that Pods, or what makes Pods, refer to; status.target names the one that is served.
	// Default: false.
	// +optional
	Versioned *bool `json:"versioned,omitempty"`
	// metadata is put on the Secret; labels and annotations of others stay.
	// +optional
	Metadata TargetMetadata `json:"metadata,omitzero"`
	// onSourceGone says what happens when every entry is proven gone from the backend:
	// Keep or Delete. Default: Keep.
	// +kubebuilder:validation:Enum=Keep;Delete
	// +optional
	OnSourceGone string `json:"onSourceGone,omitempty"`
	// onDelete says what happens to the Secret when the SecretSync is deleted: Keep or
	// Delete. Default: Keep.
	// +kubebuilder:validation:Enum=Keep;Delete
	// +optional
	OnDelete string `json:"onDelete,omitempty"`
	// recreate allows deletion and creation where a change needs it (another type, a
	// foreign immutable): Forbidden or Allowed. Default: Forbidden.
	// +kubebuilder:validation:Enum=Forbidden;Allowed
	// +optional
	Recreate string `json:"recreate,omitempty"`
}

// TargetMetadata is put on the Secret.
type TargetMetadata struct {
	// labels to set; keys of secretsync.io are refused.
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('secretsync.io/') && !k.startsWith('merge.secretsync.io/'))",message="must not have keys of secretsync.io, which belong to the operator"
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",message="must have keys of the form name or prefix/name, as in team or corp.example/team"
	// +optional
	Labels map[string]LabelValue `json:"labels,omitempty"`
	// annotations to set; keys of secretsync.io are refused.
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('secretsync.io/') && !k.startsWith('merge.secretsync.io/'))",message="must not have keys of secretsync.io, which belong to the operator"
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",message="must have keys of the form name or prefix/name, as in team or corp.example/team"
	// +optional
	Annotations map[string]AnnotationValue `json:"annotations,omitempty"`
}

// LabelValue is the value of a Kubernetes label.
//
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$')",message="must be the value of a label: empty, or characters of [-A-Za-z0-9_.], starting and ending with a letter or a digit"
type LabelValue string

// AnnotationValue is the value of a Kubernetes annotation.
//
// +kubebuilder:validation:MaxLength=4096
type AnnotationValue string

// HistoryPolicy says how many served states are kept.
type HistoryPolicy struct {
	// limit is how many revisions are kept, 1 to 20. Default: 5.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=20
	// +optional
	Limit *int32 `json:"limit,omitempty"`
	// maxAge removes revisions older than this; 0s keeps them. The serving, the newest and
	// a requested one stay. Default: 0s.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^(0|([0-9]{1,7}([.][0-9]{1,9})?(ns|us|ms|s|m|h))+)$') && duration(self) >= duration('0s')",message="must be 0s (revisions do not age) or longer, as in 12h or 720h"
	// +optional
	MaxAge *metav1.Duration `json:"maxAge,omitempty"`
	// requireRecord serves nothing that could not be recorded first. Default: false.
	// +optional
	RequireRecord *bool `json:"requireRecord,omitempty"`
}

// DriftPolicy says what happens when the target is changed by hand.
type DriftPolicy struct {
	// policy is Repair (put it right within a second) or Report (say so, write nothing
	// until the next intended change). Default: Repair.
	// +kubebuilder:validation:Enum=Repair;Report
	// +optional
	Policy string `json:"policy,omitempty"`
}

// Safety says which changes in the backend are too odd to serve unasked.
type Safety struct {
	// maxKeyLossPercent blocks a state that lost more than this part of its keys in the
	// backend under an unchanged spec; 100 switches the guard off. Default: 50.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	MaxKeyLossPercent *int32 `json:"maxKeyLossPercent,omitempty"`
}
