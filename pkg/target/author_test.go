// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/fieldowner"
)

func TestBy(t *testing.T) {
	wrote := func(manager string, minute int, fields string) metav1.ManagedFieldsEntry {
		at := metav1.NewTime(time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC))
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, Time: &at, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	const dataA, dataB = `{"f:data":{".":{},"f:A":{}}}`, `{"f:data":{"f:B":{}}}`
	ours := wrote(FieldManager, 9, `{"f:data":{"f:A":{},"f:B":{}},"f:type":{}}`)
	edited := []Difference{{Edited, []string{"A"}}}
	undated, broken := wrote("undated", 0, dataA), wrote("broken", 8, `{"f:data":`)
	undated.Time = nil
	cases := map[string]struct {
		reason  string
		fields  []metav1.ManagedFieldsEntry
		differs []Difference
		want    string
	}{
		"Nobody":       {differs: edited, want: "unknown"},
		"Editor":       {fields: []metav1.ManagedFieldsEntry{ours, wrote("kubectl-edit", 5, dataA)}, differs: edited, want: "kubectl-edit"},
		"OtherKey":     {fields: []metav1.ManagedFieldsEntry{wrote("kubectl-edit", 5, dataB)}, differs: edited, want: "unknown"},
		"OnlyUs":       {reason: "we did not do it", fields: []metav1.ManagedFieldsEntry{ours}, differs: edited, want: "unknown"},
		"LatestOfTwo":  {fields: []metav1.ManagedFieldsEntry{wrote("first", 5, dataA), wrote("second", 6, dataA)}, differs: edited, want: "second"},
		"LatestOfTwo2": {fields: []metav1.ManagedFieldsEntry{wrote("second", 6, dataA), wrote("first", 5, dataA)}, differs: edited, want: "second"},
		"Undated":      {fields: []metav1.ManagedFieldsEntry{undated}, differs: edited, want: "undated"},
		"DatedFirst":   {fields: []metav1.ManagedFieldsEntry{undated, wrote("dated", 1, dataA)}, differs: edited, want: "dated"},
		"Broken":       {fields: []metav1.ManagedFieldsEntry{broken, wrote("readable", 5, dataA)}, differs: edited, want: "readable"},
		"NoFields":     {fields: []metav1.ManagedFieldsEntry{{Manager: "empty"}}, differs: edited, want: "unknown"},
		"SecondKey": {
			fields: []metav1.ManagedFieldsEntry{wrote("kubectl-edit", 5, dataB)}, differs: []Difference{{Edited, []string{"A", "B"}}}, want: "kubectl-edit",
		},
		"Extra": {fields: []metav1.ManagedFieldsEntry{wrote("curl", 5, dataA)}, differs: []Difference{{Extra, []string{"A"}}}, want: "curl"},
		"Missing": {
			reason: "managedFields keep no trace of who removed something",
			fields: []metav1.ManagedFieldsEntry{wrote("kubectl-edit", 5, dataA)}, differs: []Difference{{Missing, []string{"A"}}}, want: "unknown",
		},
		"Label": {
			fields:  []metav1.ManagedFieldsEntry{wrote("kubectl-label", 5, `{"f:metadata":{"f:labels":{"f:secretsync.io/target":{}}}}`)},
			differs: []Difference{{Label, []string{"secretsync.io/target"}}}, want: "kubectl-label",
		},
		"Annotation": {
			fields:  []metav1.ManagedFieldsEntry{wrote("kubectl-annotate", 5, `{"f:metadata":{"f:annotations":{"f:note":{}}}}`)},
			differs: []Difference{{Metadata, []string{"note"}}}, want: "kubectl-annotate",
		},
		"Replaced": {
			fields:  []metav1.ManagedFieldsEntry{ours, wrote("kubectl-create", 5, `{"f:type":{}}`)},
			differs: []Difference{{Kind: Replaced}}, want: "kubectl-create",
		},
		"ReplacedByNobody": {
			fields: []metav1.ManagedFieldsEntry{wrote("kubectl-edit", 5, dataA)}, differs: []Difference{{Kind: Replaced}}, want: "unknown",
		},
		"Applied": {
			reason: "server-side apply may carry stringData",
			fields: []metav1.ManagedFieldsEntry{wrote("flux", 5, `{"f:stringData":{"f:A":{}}}`)}, differs: edited, want: "flux",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			l := Live{secret: &corev1.Secret{ObjectMeta: metav1.ObjectMeta{ManagedFields: tc.fields}}}
			if got := l.By(tc.differs); got != tc.want {
				t.Errorf("By = %q, want %q: %s", got, tc.want, tc.reason)
			}
		})
	}
}

// FuzzBy holds for whatever stands in managedFields: a name that stands there, or none.
func FuzzBy(f *testing.F) {
	f.Add(`{"f:data":{"f:A":{}}}`, "kubectl-edit", "A")
	f.Add(`{"k:{\"a\":1}":{}}`, "", "")
	f.Add(`{"f:data":{"v:1":{}}}`, "secretsync", "f:A")
	f.Fuzz(func(t *testing.T, fields, manager, key string) {
		l := Live{secret: &corev1.Secret{ObjectMeta: metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{
			{Manager: manager, FieldsV1: metav1.NewFieldsV1(fields)},
		}}}}
		if got := l.By([]Difference{{Edited, []string{key}}, {Kind: Replaced}}); got != manager && got != fieldowner.Unknown {
			t.Fatalf("By = %q", got)
		}
	})
}
