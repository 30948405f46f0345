// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"maps"
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Content is one state of a target: what a revision records and a Secret serves.
type Content struct {
	// Type is the type of the Secret, never empty.
	Type string
	// Data holds the bytes of each key.
	Data map[string]sensitive.Value
}

// Equal reports whether both have the same type, the same keys and the same bytes.
func (c Content) Equal(o Content) bool {
	return c.Type == o.Type && maps.EqualFunc(c.Data, o.Data, sensitive.Value.Equal)
}

// Diff names the keys that differ between two states, sorted and uncapped. A change of
// the type alone names no key.
func Diff(before, after Content) v1alpha1.KeyChanges {
	var changes v1alpha1.KeyChanges
	for _, key := range slices.Sorted(maps.Keys(after.Data)) {
		value, had := before.Data[key]
		switch {
		case !had:
			changes.Added = append(changes.Added, key)
		case !value.Equal(after.Data[key]):
			changes.Changed = append(changes.Changed, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before.Data)) {
		if _, has := after.Data[key]; !has {
			changes.Removed = append(changes.Removed, key)
		}
	}
	return changes
}
