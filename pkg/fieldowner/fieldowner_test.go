// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fieldowner_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/fieldowner"
)

func TestOwners(t *testing.T) {
	wrote := func(manager string, minute int, fields string) metav1.ManagedFieldsEntry {
		at := metav1.NewTime(time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC))
		return metav1.ManagedFieldsEntry{Manager: manager, Time: &at, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	const asked, other = `{"f:metadata":{"f:annotations":{".":{},"f:example.com/ask":{}}}}`, `{"f:spec":{"f:x":{}}}`
	status := wrote("status-writer", 9, `{"f:status":{}}`)
	status.Subresource = "status"
	timeless := metav1.ManagedFieldsEntry{Manager: "timeless", FieldsV1: metav1.NewFieldsV1(asked)}
	path := fieldowner.Annotation("example.com/ask")
	cases := map[string]struct {
		fields   []metav1.ManagedFieldsEntry
		of, last string
	}{
		"Nobody":   {of: fieldowner.Unknown, last: fieldowner.Unknown},
		"Asker":    {fields: []metav1.ManagedFieldsEntry{wrote("person", 1, asked), wrote("tool", 2, other)}, of: "person", last: "tool"},
		"Latest":   {fields: []metav1.ManagedFieldsEntry{wrote("first", 1, asked), wrote("second", 2, asked)}, of: "second", last: "second"},
		"Ourself":  {fields: []metav1.ManagedFieldsEntry{wrote("us", 3, asked), wrote("person", 1, asked)}, of: "person", last: "person"},
		"Status":   {fields: []metav1.ManagedFieldsEntry{status, wrote("person", 1, asked)}, of: "person", last: "person"},
		"Timeless": {fields: []metav1.ManagedFieldsEntry{timeless}, of: "timeless", last: "timeless"},
		"Broken":   {fields: []metav1.ManagedFieldsEntry{wrote("odd", 1, `{"f:`), {Manager: "empty"}}, of: fieldowner.Unknown, last: "odd"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := fieldowner.Of(tc.fields, "us", path); got != tc.of {
				t.Errorf("Of = %q, want %q", got, tc.of)
			}
			all := fieldowner.Of(tc.fields, "", path)
			kept := fieldowner.Keep(tc.fields, path)
			if got := fieldowner.Of(kept, "", path); got != all || len(kept) > 1 {
				t.Errorf("Of what is kept = %q, want %q", got, all)
			}
			if diff := cmp.Diff(kept, fieldowner.Keep(kept, path)); diff != "" {
				t.Errorf("what is kept twice differs:\n%s", diff)
			}
			if got := fieldowner.Last(tc.fields, "us"); got != tc.last {
				t.Errorf("Last = %q, want %q", got, tc.last)
			}
		})
	}
}
