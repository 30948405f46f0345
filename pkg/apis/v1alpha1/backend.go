// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SecretBackend is a secret backend for the SecretSyncs of its own namespace.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=sb,categories=secretsync
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Reachable",type=string,JSONPath=`.status.conditions[?(@.type=="Reachable")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type SecretBackend struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says where the backend is and how to log in.
	// +required
	Spec BackendSpec `json:"spec,omitzero"`
	// status says whether the backend can be used.
	// +optional
	Status BackendStatus `json:"status,omitzero"`
}

// SecretBackendList is a list of SecretBackends.
//
// +kubebuilder:object:root=true
type SecretBackendList struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard list metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the SecretBackends.
	Items []SecretBackend `json:"items"`
}

// ClusterSecretBackend is a secret backend for the namespaces it allows.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=csb,categories=secretsync
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Reachable",type=string,JSONPath=`.status.conditions[?(@.type=="Reachable")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ClusterSecretBackend struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says where the backend is, how to log in and whom it serves.
	// +required
	Spec ClusterBackendSpec `json:"spec,omitzero"`
	// status says whether the backend can be used.
	// +optional
	Status BackendStatus `json:"status,omitzero"`
}

// ClusterSecretBackendList is a list of ClusterSecretBackends.
//
// +kubebuilder:object:root=true
type ClusterSecretBackendList struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard list metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the ClusterSecretBackends.
	Items []ClusterSecretBackend `json:"items"`
}

// ClusterBackendSpec is a BackendSpec and whom it serves.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.infisical) && has(self.infisical.expandReferences) && self.infisical.expandReferences)",message="must not have true for infisical.expandReferences: a reference could reach what no path of allow.paths does"
type ClusterBackendSpec struct {
	BackendSpec `json:",inline"`
	// allow says which namespaces may read which paths; absent, nobody reads anything.
	// +optional
	Allow Allow `json:"allow,omitzero"`
}

// BackendSpec says where a backend is and how to log in.
//
// +kubebuilder:validation:XValidation:rule="has(self.vault) != has(self.infisical)",message="must have exactly one provider: vault or infisical"
type BackendSpec struct {
	// vault is a KV secrets engine of HashiCorp Vault or OpenBao.
	// +optional
	Vault *VaultBackend `json:"vault,omitempty"`
	// infisical is one environment of a project of Infisical.
	// +optional
	Infisical *InfisicalBackend `json:"infisical,omitempty"`
	// limits bounds what the operator asks of the backend.
	// +optional
	Limits Limits `json:"limits,omitzero"`
}

// Limits bounds what the operator asks of a backend.
type Limits struct {
	// readsPerSecond over all who use the backend. Default: 50.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	// +optional
	ReadsPerSecond *int32 `json:"readsPerSecond,omitempty"`
	// burst is how many reads may start at once. Default: 100.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	// +optional
	Burst *int32 `json:"burst,omitempty"`
	// timeout bounds one request, 1s to 2m. Default: 10s.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^(0|([0-9]{1,7}([.][0-9]{1,9})?(ns|us|ms|s|m|h))+)$') && duration(self) >= duration('1s') && duration(self) <= duration('2m')",message="must be 1s to 2m, as in 10s"
	// +optional
	Timeout *metav1.Duration `json:"timeout,omitempty"`
	// minRefreshInterval is the shortest interval a SecretSync gets, 5s or more. Default: 5s.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^(0|([0-9]{1,7}([.][0-9]{1,9})?(ns|us|ms|s|m|h))+)$') && duration(self) >= duration('5s') && duration(self) <= duration('8760h')",message="must be 5s to 8760h, as in 30s or 5m"
	// +optional
	MinRefreshInterval *metav1.Duration `json:"minRefreshInterval,omitempty"`
}

// Allow says which namespaces may read which paths.
type Allow struct {
	// namespaces that are served; absent is none, {} is all.
	// +optional
	Namespaces *NamespaceSelection `json:"namespaces,omitempty"`
	// paths that may be read; none if empty. * is one segment, ** is zero or more, / is the root;
	// {namespace} and {label:KEY}, for keys in trustedLabels, are replaced literally.
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=1024
	// +kubebuilder:validation:items:XValidation:rule="self == '/' || self.matches('^([*]{1,2}|([A-Za-z0-9_.@ -]|[{]namespace[}]|[{]label:[A-Za-z0-9_./-]+[}])+)(/([*]{1,2}|([A-Za-z0-9_.@ -]|[{]namespace[}]|[{]label:[A-Za-z0-9_./-]+[}])+))*$') && !self.matches('(^|/)[.]{1,2}(/|$)')",message="must be segments separated by single slashes, each of them *, ** or made of [A-Za-z0-9_.@ -], {namespace} and {label:KEY}, as in apps/{namespace}/**"
	// +optional
	Paths []string `json:"paths,omitempty"`
	// trustedLabels are namespace labels that tenants cannot set.
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=317
	// +kubebuilder:validation:items:XValidation:rule="self.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$')",message="must be the key of a label, as in team or corp.example/team"
	// +optional
	TrustedLabels []string `json:"trustedLabels,omitempty"`
}

// NamespaceSelection selects namespaces by name or label; empty, it selects all.
type NamespaceSelection struct {
	// names of namespaces. A namespace is selected if it is named here or matched by selector.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1024
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a namespace: lower-case letters, digits and -, starting and ending with a letter or a digit"
	// +optional
	Names []string `json:"names,omitempty"`
	// selector over the labels of namespaces.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}

// SecretKeyRef names one key of a Secret: of the own namespace for a SecretBackend, of
// the operator's namespace for a ClusterSecretBackend. A Secret used as a credential
// carries the label secretsync.io/credential=true.
type SecretKeyRef struct {
	// name of the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="must be the name of a Secret: lower-case letters, digits, - and ., starting and ending with a letter or a digit"
	// +required
	Name string `json:"name,omitempty"`
	// key in the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="must be a key of a Secret: characters of [-._a-zA-Z0-9], as in token"
	// +required
	Key string `json:"key,omitempty"`
}

// LocalRef names an object: of the own namespace for a SecretBackend, of the operator's
// namespace for a ClusterSecretBackend.
type LocalRef struct {
	// name of the object.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="must be the name of an object: lower-case letters, digits, - and ., starting and ending with a letter or a digit"
	// +required
	Name string `json:"name,omitempty"`
}

// BackendStatus says whether a backend can be used.
type BackendStatus struct {
	// observedGeneration is the generation of the spec this status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions are Ready, Reachable and Stalled.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// capabilities of the backend, such as Versions.
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=64
	// +optional
	Capabilities []string `json:"capabilities,omitempty"`
}
