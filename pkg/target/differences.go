// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
)

// Kind says in which way a target differs from what it should be.
type Kind string

// The kinds, the gravest first.
const (
	// Deleted: the target is not there.
	Deleted Kind = "Deleted"
	// Replaced: another Secret stands in its place: the owner annotation or the type is gone.
	Replaced Kind = "Replaced"
	// Missing: keys are not there.
	Missing Kind = "Missing"
	// Edited: keys hold other bytes.
	Edited Kind = "Edited"
	// Extra: keys are there that should not be.
	Extra Kind = "Extra"
	// Label: the label that marks targets is gone.
	Label Kind = "Label"
	// Metadata: other labels, annotations or owner references that we set differ.
	Metadata Kind = "Metadata"
)

// Difference is one way in which a target differs.
type Difference struct {
	// Kind of the difference.
	Kind Kind
	// Keys concerned: of the data, or of labels and annotations; sorted.
	Keys []string
}

// differences lists how live differs from what is wanted, the gravest first.
func (w Want) differences(live *corev1.Secret, content render.Content) []Difference {
	var result []Difference
	if live.Annotations[v1alpha1.AnnotationOwner] == "" || string(live.Type) != content.Type {
		result = append(result, Difference{Kind: Replaced})
	}
	changes := render.Diff(content, render.FromSecret(content.Type, live.Data))
	result = appendKeys(result, Missing, changes.Removed)
	result = appendKeys(result, Edited, changes.Changed)
	result = appendKeys(result, Extra, changes.Added)
	result = append(result, w.metadataDifferences(&live.ObjectMeta)...)
	if w.VersionOf != "" && !isImmutable(live) {
		result = append(result, Difference{Kind: Metadata, Keys: []string{"immutable"}})
	}
	return result
}

// metadataDifferences lists the differences outside type and data.
func (w Want) metadataDifferences(meta *metav1.ObjectMeta) []Difference {
	var result []Difference
	if meta.Labels[v1alpha1.LabelTarget] != "true" {
		result = append(result, Difference{Kind: Label, Keys: []string{v1alpha1.LabelTarget}})
	}
	keys := slices.Concat(unequal(w.Labels, meta.Labels), unequal(w.annotations(), meta.Annotations), w.leftovers(meta))
	if !slices.EqualFunc(w.ownerReferences(meta.OwnerReferences), meta.OwnerReferences, sameOwner) {
		keys = append(keys, "metadata.ownerReferences")
	}
	slices.Sort(keys)
	return appendKeys(result, Metadata, slices.Compact(keys))
}

// leftovers lists the keys that came from an earlier specification and are still there.
func (w Want) leftovers(meta *metav1.ObjectMeta) []string {
	var keys []string
	if text := meta.Annotations[v1alpha1.AnnotationManagedMetadata]; text != "" && text != w.managedText() {
		keys = append(keys, v1alpha1.AnnotationManagedMetadata)
	}
	if text := meta.Annotations[v1alpha1.AnnotationHeldFor]; text != w.HeldFor {
		keys = append(keys, v1alpha1.AnnotationHeldFor)
	}
	return keys
}

// unequal lists the keys of want that have another value, or none, in have.
func unequal(want, have map[string]string) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if value, ok := have[key]; !ok || value != want[key] {
			keys = append(keys, key)
		}
	}
	return keys
}

func appendKeys(to []Difference, kind Kind, keys []string) []Difference {
	if len(keys) == 0 {
		return to
	}
	return append(to, Difference{Kind: kind, Keys: keys})
}
