// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// FieldManager is the name under which the operator writes.
const FieldManager = "secretsync"

// unknownManager stands for an author that managedFields do not show, as for whoever
// removed something.
const unknownManager = "unknown"

// author returns the field manager that owns one of the differing keys, the latest
// writer first.
func author(fields []metav1.ManagedFieldsEntry, differs []Difference) string {
	latest := slices.Clone(fields)
	slices.SortStableFunc(latest, func(a, b metav1.ManagedFieldsEntry) int { return timeOf(b).Compare(timeOf(a).Time) })
	for _, entry := range latest {
		if entry.Manager != FieldManager && entry.FieldsV1 != nil && ownsAny(entry.FieldsV1, differs) {
			return entry.Manager
		}
	}
	return unknownManager
}

func timeOf(entry metav1.ManagedFieldsEntry) metav1.Time {
	if entry.Time == nil {
		return metav1.Time{}
	}
	return *entry.Time
}

func ownsAny(fields *metav1.FieldsV1, differs []Difference) bool {
	var set fieldpath.Set
	if set.FromJSON(bytes.NewReader(fields.GetRawBytes())) != nil {
		return false
	}
	for _, d := range differs {
		if d.Kind == Replaced && set.Has(fieldpath.MakePathOrDie("type")) {
			return true
		}
		for _, key := range d.Keys {
			if slices.ContainsFunc(pathsOf(d.Kind, key), set.Has) {
				return true
			}
		}
	}
	return false
}

func pathsOf(kind Kind, key string) []fieldpath.Path {
	switch kind {
	case Edited, Extra:
		return []fieldpath.Path{fieldpath.MakePathOrDie("data", key), fieldpath.MakePathOrDie("stringData", key)}
	case Label, Metadata:
		return []fieldpath.Path{
			fieldpath.MakePathOrDie("metadata", "labels", key), fieldpath.MakePathOrDie("metadata", "annotations", key),
		}
	default: // Nothing is left of what was removed.
		return nil
	}
}
