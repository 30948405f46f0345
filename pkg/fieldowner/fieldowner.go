// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fieldowner owns the reading of managedFields: which field manager wrote a part of
// an object, as the API server noted it. A manager's name is a claim that every client makes
// for itself; the audit log of the API server is the authority. It must not decide anything.
package fieldowner

import (
	"bytes"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// Unknown stands for a manager that managedFields do not show, as for what was removed.
const Unknown = "unknown"

// Annotation returns the path of an annotation.
func Annotation(key string) fieldpath.Path {
	return fieldpath.MakePathOrDie("metadata", "annotations", key)
}

// Of returns the manager that wrote any of the paths, the latest first and apart from
// except; Unknown if none shows.
func Of(fields []metav1.ManagedFieldsEntry, except string, paths ...fieldpath.Path) string {
	for _, entry := range latest(fields) {
		if entry.Manager != except && Owns(entry, paths...) {
			return entry.Manager
		}
	}
	return Unknown
}

// Last returns the manager of the latest write that was none of a subresource, apart from
// except; Unknown if none shows. Whoever removed something leaves no other trace than that.
func Last(fields []metav1.ManagedFieldsEntry, except string) string {
	for _, entry := range latest(fields) {
		if entry.Manager != except && entry.Subresource == "" {
			return entry.Manager
		}
	}
	return Unknown
}

// Keep returns the latest entry that owns a path, cut down to that path, so that a cache can
// keep who wrote it without keeping all the rest; nothing if none owns it.
func Keep(fields []metav1.ManagedFieldsEntry, path fieldpath.Path) []metav1.ManagedFieldsEntry {
	for _, entry := range latest(fields) {
		if !Owns(entry, path) {
			continue
		}
		text, err := fieldpath.NewSet(path).ToJSON()
		if err != nil {
			return nil
		}
		entry.FieldsV1 = metav1.NewFieldsV1(string(text))
		return []metav1.ManagedFieldsEntry{entry}
	}
	return nil
}

// latest sorts by time, which has whole seconds; of those in one the API server lists the
// later ones last, as far as it tells.
func latest(fields []metav1.ManagedFieldsEntry) []metav1.ManagedFieldsEntry {
	result := slices.Clone(fields)
	slices.Reverse(result)
	slices.SortStableFunc(result, func(a, b metav1.ManagedFieldsEntry) int { return timeOf(b).Compare(timeOf(a).Time) })
	return result
}

func timeOf(entry metav1.ManagedFieldsEntry) metav1.Time {
	if entry.Time == nil {
		return metav1.Time{}
	}
	return *entry.Time
}

// Owns reports whether one entry of managedFields tells of any of the paths. What cannot be
// read tells of none.
func Owns(entry metav1.ManagedFieldsEntry, paths ...fieldpath.Path) bool {
	var set fieldpath.Set
	if entry.FieldsV1 == nil || set.FromJSON(bytes.NewReader(entry.FieldsV1.GetRawBytes())) != nil {
		return false
	}
	return slices.ContainsFunc(paths, set.Has)
}
