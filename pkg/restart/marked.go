// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"strings"
	"time"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/secretsync/secretsync/pkg/fieldowner"
	"github.com/secretsync/secretsync/pkg/workload"
)

// markedAt returns when a workload was marked for a SecretSync, as managedFields tell in whole
// seconds of the API server's clock; zero if they do not.
func markedAt(w *workload.Rolling, name string) time.Time { return wroteAt(w, Key(name)) }

// restartedAt returns when a workload was last marked for whichever SecretSync, and whether it
// was not well then; zero if it has no mark.
func restartedAt(w *workload.Rolling) (at time.Time, ill bool) {
	for key, text := range w.Template {
		if strings.HasPrefix(key, keyPrefix) {
			at, ill = later(at, wroteAt(w, key)), ill || wasIll(text)
		}
	}
	return at, ill
}

// wroteAt returns when FieldManager wrote an annotation of a Pod template.
func wroteAt(w *workload.Rolling, key string) time.Time {
	path := fieldpath.MakePathOrDie("spec", "template", "metadata", "annotations", key)
	for _, entry := range w.Meta.GetManagedFields() {
		if entry.Manager == FieldManager && entry.Time != nil && fieldowner.Owns(entry, path) {
			return entry.Time.Time
		}
	}
	return time.Time{}
}
