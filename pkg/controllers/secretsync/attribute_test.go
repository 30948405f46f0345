// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fieldowner"
)

func TestAsker(t *testing.T) {
	asked := metav1.ManagedFieldsEntry{
		Manager: "kubectl-annotate", FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{"f:annotations":{"f:secretsync.io/rollback-to":{}}}}`),
	}
	cases := map[string]struct {
		reason  string
		stamped bool
		by      string
		fields  []metav1.ManagedFieldsEntry
		want    string
	}{
		"Nobody":    {want: fieldowner.Unknown},
		"Tool":      {fields: []metav1.ManagedFieldsEntry{asked}, want: "kubectl-annotate"},
		"Person":    {stamped: true, by: "alice", fields: []metav1.ManagedFieldsEntry{asked}, want: "alice"},
		"Untrusted": {reason: "anybody may have written it", by: "alice", fields: []metav1.ManagedFieldsEntry{asked}, want: "kubectl-annotate"},
		"Unstamped": {reason: "asked before the policies were there", stamped: true, fields: []metav1.ManagedFieldsEntry{asked}, want: "kubectl-annotate"},
		"LongName":  {reason: "the status takes no more", stamped: true, by: strings.Repeat("a", 300), want: strings.Repeat("a", maxRequest)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(annotated(v1alpha1.AnnotationRollbackBy, tc.by), func(u *run) { u.stamped, u.object.ManagedFields = tc.stamped, tc.fields })
			if got := u.asker(); got != tc.want {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}
