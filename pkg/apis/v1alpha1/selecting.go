// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// FindSource finds entries in a folder of a backend, as many as there are.
type FindSource struct {
	// backendRef names another backend than the SecretSync's for this item.
	// +optional
	BackendRef *BackendRef `json:"backendRef,omitempty"`
	// path is the folder; / is the root.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self == '/' || (self.matches('^([A-Za-z0-9_.@ -]|[{]namespace[}]|[{]label:[A-Za-z0-9_./-]+[}])+(/([A-Za-z0-9_.@ -]|[{]namespace[}]|[{]label:[A-Za-z0-9_./-]+[}])+)*$') && !self.matches('(^|/)[.]{1,2}(/|$)'))",message="must be / or segments of [A-Za-z0-9_.@ -], {namespace} and {label:KEY}, separated by single slashes, none of them . or .., as in payments/db"
	// +required
	Path string `json:"path,omitempty"`
	// match is a regular expression (RE2) for the whole of an entry's path, relative to the
	// folder; omitted, every entry is taken. Where a folder is an entry itself, as in Infisical,
	// its own relative path is empty.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Match string `json:"match,omitempty"`
	// recursive says that the folders below are searched as well. Default: false.
	// +optional
	Recursive *bool `json:"recursive,omitempty"`
	// keys says what a field is called before it is renamed: Field is its own name,
	// PathAndField the segments of the entry's relative path and the field's name, joined by _.
	// Default: Field.
	// +kubebuilder:validation:Enum=Field;PathAndField
	// +optional
	Keys string `json:"keys,omitempty"`
}

// Shaping says what becomes of the fields of an item of dataFrom: which are taken, under which
// keys, and how their values are decoded.
type Shaping struct {
	// include lists regular expressions (RE2); a field is taken if one matches its whole name,
	// as the backend has it. Omitted, every field is.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	// +optional
	Include []string `json:"include,omitempty"`
	// exclude lists regular expressions (RE2); a field is left out if one matches its whole
	// name, included or not.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	// +optional
	Exclude []string `json:"exclude,omitempty"`
	// rename lists rules that make keys of names, each from what the one before made.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Rename []RenameRule `json:"rename,omitempty"`
	// prefix is put in front of every key, after renaming.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="must be what a key of a Secret may begin with: characters of [-._a-zA-Z0-9]"
	// +optional
	Prefix string `json:"prefix,omitempty"`
	// decode says how every value of this item is encoded in the backend: None or Base64.
	// Default: None.
	// +kubebuilder:validation:Enum=None;Base64
	// +optional
	Decode string `json:"decode,omitempty"`
	// onConflict says what happens to a key that an earlier item of dataFrom gave already: Fail,
	// Keep (the earlier one stays) or Override (this one replaces it). Default: Fail.
	// +kubebuilder:validation:Enum=Fail;Keep;Override
	// +optional
	OnConflict string `json:"onConflict,omitempty"`
}

// RenameRule is one step from the name of a field to a key; exactly one member is set.
//
// +kubebuilder:validation:XValidation:rule="[has(self.regexp), has(self.case), has(self.invalid)].filter(x, x).size() == 1",message="must have exactly one member: regexp, case or invalid"
type RenameRule struct {
	// regexp replaces what a regular expression matches.
	// +optional
	Regexp *RegexpRule `json:"regexp,omitempty"`
	// case turns letters: Upper or Lower.
	// +kubebuilder:validation:Enum=Upper;Lower
	// +optional
	Case string `json:"case,omitempty"`
	// invalid is what each character becomes that no key of a Secret can hold.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="must be characters of [-._a-zA-Z0-9], which keys of a Secret can hold"
	// +optional
	Invalid string `json:"invalid,omitempty"`
}

// RegexpRule replaces what a regular expression matches in a name.
type RegexpRule struct {
	// match is a regular expression (RE2); each match in the name is replaced.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Match string `json:"match,omitempty"`
	// replace is what stands in for a match; $1 or ${1} is its first group, $$ a dollar sign.
	// Empty, the match is removed.
	// +kubebuilder:validation:MinLength=0
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Replace string `json:"replace,omitempty"`
}

// Values of FindSource.Keys, RenameRule.Case and Shaping.OnConflict.
const (
	KeysField        = "Field"
	KeysPathAndField = "PathAndField"

	CaseUpper = "Upper"
	CaseLower = "Lower"

	OnConflictFail     = "Fail"
	OnConflictKeep     = "Keep"
	OnConflictOverride = "Override"
)

// RecursiveOrDefault says whether folders below are searched.
func (f *FindSource) RecursiveOrDefault() bool { return f.Recursive != nil && *f.Recursive }
