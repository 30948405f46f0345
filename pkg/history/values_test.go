// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// recordOfValues was rendered from n values of one entry.
func recordOfValues(n int) Record {
	r := testRecord(3)
	r.Sources = []Source{{Backend: "SecretBackend/payments/infisical", Path: "db"}}
	for i := range n {
		r.Sources[0].Values = append(r.Sources[0].Values, Value{Field: fmt.Sprintf("KEY_%03d", i), ID: "id", Version: "7", From: "shared"})
	}
	return r
}

// TestValuesAreKept: what was taken of an entry is in the revision, and under its seal.
func TestValuesAreKept(t *testing.T) {
	want := recordOfValues(3)
	secret := encoded(t, want)
	got, err := decode(secret, want.ID, testKeys(1))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Sources, got.Sources); diff != "" {
		t.Errorf("the sources differ (-want +got):\n%s", diff)
	}
	text := secret.Annotations[v1alpha1.AnnotationSources]
	for what, forged := range map[string]string{
		"Version": strings.Replace(text, `"version":"7"`, `"version":"8"`, 1),
		"ID":      strings.Replace(text, `"id":"id"`, `"id":"di"`, 1),
		"From":    strings.Replace(text, `"from":"shared"`, `"from":"allowed"`, 1),
	} {
		secret.Annotations[v1alpha1.AnnotationSources] = forged
		if _, err := decode(secret, want.ID, testKeys(1)); !fault.Is(err, fault.Suspicious) || forged == text {
			t.Errorf("%s: want a forged source refused, got %v", what, err)
		}
	}
}

// TestValuesInAStatusAreBounded: a status lists 32 values of a revision, whatever it took.
func TestValuesInAStatusAreBounded(t *testing.T) {
	r := recordOfValues(20)
	r.Sources = append(r.Sources, r.Sources[0], Source{Path: "other", Values: r.Sources[0].Values})
	entry := r.Entry(testKeys(1))
	listed := 0
	for _, source := range entry.Sources {
		listed += len(source.Values)
	}
	if len(entry.Sources) != 2 || listed != maxListed || entry.Truncated == nil || !*entry.Truncated {
		t.Errorf("want two entries with %d values and said that there are more, got %+v", maxListed, entry)
	}
	few := recordOfValues(2).Entry(testKeys(1))
	want := []v1alpha1.SourceVersion{{Path: "db", Values: []v1alpha1.ValueVersion{{Field: "KEY_000", Version: "7", From: "shared"}, {Field: "KEY_001", Version: "7", From: "shared"}}}}
	if diff := cmp.Diff(want, few.Sources); diff != "" || few.Truncated != nil {
		t.Errorf("want all of few listed (-want +got):\n%s", diff)
	}
}
