// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func TestSettled(t *testing.T) {
	cases := map[string]struct {
		request, hold, refused string
		settled, refusal       bool
	}{
		"Nothing":    {settled: true},
		"Held":       {request: "3", hold: "3", settled: true},
		"NotYetHeld": {request: "3"},
		"NotYetFree": {hold: "3"},
		"Another":    {request: "5", hold: "3"},
		"Refused":    {request: "5", refused: "RevisionUnknown", settled: true, refusal: true},
		"RefusedNow": {request: "5", hold: "3", refused: "RevisionUnknown", settled: true, refusal: true},
		"TakenBack":  {hold: "3", refused: "RevisionUnknown"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := &v1alpha1.SecretSync{}
			if tc.request != "" {
				metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationRollbackTo, tc.request)
			}
			if tc.hold != "" {
				s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: tc.hold}
			}
			if tc.refused != "" {
				s.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionRolledBack, Status: metav1.ConditionFalse, Reason: tc.refused}}
			}
			if Settled(s) != tc.settled || (Refusal(s) != nil) != tc.refusal {
				t.Errorf("got settled %v, refused %v", Settled(s), Refusal(s))
			}
		})
	}
}
