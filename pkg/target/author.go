// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/secretsync/secretsync/pkg/fieldowner"
)

// FieldManager is the name under which the operator writes.
const FieldManager = "secretsync"

// author returns the field manager that owns one of the differing keys, the latest
// writer first.
func author(fields []metav1.ManagedFieldsEntry, differs []Difference) string {
	var paths []fieldpath.Path
	for _, d := range differs {
		if d.Kind == Replaced {
			paths = append(paths, fieldpath.MakePathOrDie("type"))
		}
		for _, key := range d.Keys {
			paths = append(paths, pathsOf(d.Kind, key)...)
		}
	}
	return fieldowner.Of(fields, FieldManager, paths...)
}

func pathsOf(kind Kind, key string) []fieldpath.Path {
	switch kind {
	case Edited, Extra:
		return []fieldpath.Path{fieldpath.MakePathOrDie("data", key), fieldpath.MakePathOrDie("stringData", key)}
	case Label, Metadata:
		return []fieldpath.Path{fieldpath.MakePathOrDie("metadata", "labels", key), fieldowner.Annotation(key)}
	default: // Nothing is left of what was removed.
		return nil
	}
}
