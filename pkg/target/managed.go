// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// ManageMetadata puts labels and annotations that a specification asks for on an object, with a
// record of their keys, and takes away those that an earlier record has; what others put there
// stays.
func ManageMetadata(meta *metav1.ObjectMeta, labels, annotations map[string]string) {
	before := parseManaged(meta.Annotations[v1alpha1.AnnotationManagedMetadata])
	for _, key := range before.Labels {
		delete(meta.Labels, key)
	}
	for _, key := range before.Annotations {
		delete(meta.Annotations, key)
	}
	delete(meta.Annotations, v1alpha1.AnnotationManagedMetadata)
	meta.Labels = merged(meta.Labels, labels)
	meta.Annotations = merged(meta.Annotations, annotations)
	if text := (Want{Labels: labels, Annotations: annotations}).managedText(); text != "" {
		meta.Annotations[v1alpha1.AnnotationManagedMetadata] = text
	}
}
