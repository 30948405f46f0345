// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// LabelTemplate marks, with the value true, a ConfigMap whose texts may be templates of the
// SecretSyncs of its namespace. Others are not seen by the operator.
const LabelTemplate = GroupName + "/template"

// Values of spec.template.values.
const (
	// ValuesDrop serves only what the templates make.
	ValuesDrop = "Drop"
	// ValuesKeep serves the collected values beside it.
	ValuesKeep = "Keep"
)

// Template makes keys of the Secret from the collected values, with the templates of Go's
// text/template and a list of pure functions.
//
// +kubebuilder:validation:XValidation:rule="has(self.data) || has(self.object) || has(self.configMaps)",message="must have at least one of data, object and configMaps, so that there is a template"
type Template struct {
	// data maps a key of the Secret to the template of its value. In it . is the map of the
	// collected values (what data and dataFrom of the specification give), as texts under
	// their keys; a key that is not there is an error.
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=256
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 253 && k.matches('^[-._a-zA-Z0-9]+$') && k != '.' && !k.startsWith('..'))",message="must have keys of a Secret: characters of [-._a-zA-Z0-9], not starting with .. and not . alone"
	// +optional
	Data map[string]TemplateText `json:"data,omitempty"`
	// object is one template whose output is an object in YAML or JSON: each member becomes a
	// key of the Secret, texts as they are, all else as JSON. So keys can be computed, too.
	// +optional
	Object TemplateText `json:"object,omitempty"`
	// configMaps are ConfigMaps of the namespace that hold templates. Each must be labelled
	// secretsync.io/template: "true".
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +optional
	ConfigMaps []TemplateConfigMap `json:"configMaps,omitempty"`
	// values says whether the collected values are served beside what the templates make:
	// Drop or Keep. A template wins over a value of the same key. Default: Drop.
	// +kubebuilder:validation:Enum=Drop;Keep
	// +optional
	Values string `json:"values,omitempty"`
	// metadata is put on the Secret, besides target.metadata, which wins.
	// +optional
	Metadata TemplateMetadata `json:"metadata,omitzero"`
}

// TemplateText is a template.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=65536
type TemplateText string

// TemplateConfigMap names a ConfigMap that holds templates.
type TemplateConfigMap struct {
	// name of the ConfigMap, in the namespace of the SecretSync.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name,omitempty"`
	// keys are those that are templates; omitted, every key is, of the value under its own name.
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +optional
	Keys []TemplateKey `json:"keys,omitempty"`
}

// TemplateKey names one template of a ConfigMap.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.secretKey) && has(self.object) && self.object)",message="must have secretKey or object: true, not both: the members of an object are the keys"
type TemplateKey struct {
	// key of the ConfigMap.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Key string `json:"key,omitempty"`
	// secretKey is the key of the Secret. Default: the key of the ConfigMap.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$') && self != '.' && !self.startsWith('..')",message="must be a key of a Secret: characters of [-._a-zA-Z0-9], not starting with .. and not . alone"
	// +optional
	SecretKey string `json:"secretKey,omitempty"`
	// object says that the output is an object whose members become keys, as spec.template.object.
	// Default: false.
	// +optional
	Object *bool `json:"object,omitempty"`
}

// TemplateMetadata holds templates of labels and annotations. They see names only (.name and
// .namespace of the SecretSync, .target), never a value: everybody who may list Secrets'
// metadata would read it.
type TemplateMetadata struct {
	// labels to set; keys of secretsync.io are refused.
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('secretsync.io/'))",message="must not have keys of secretsync.io, which belong to the operator"
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",message="must have keys of the form name or prefix/name, as in team or corp.example/team"
	// +optional
	Labels map[string]MetadataTemplate `json:"labels,omitempty"`
	// annotations to set; keys of secretsync.io are refused.
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('secretsync.io/'))",message="must not have keys of secretsync.io, which belong to the operator"
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",message="must have keys of the form name or prefix/name, as in team or corp.example/team"
	// +optional
	Annotations map[string]MetadataTemplate `json:"annotations,omitempty"`
}

// MetadataTemplate is the template of a label or an annotation.
//
// +kubebuilder:validation:MaxLength=4096
type MetadataTemplate string
