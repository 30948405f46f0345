// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Settled reports whether the status answers the request for a rollback that stands on the
// object, or that none does. While it does not, what is served may be about to change.
func Settled(sync *v1alpha1.SecretSync) bool {
	text := sync.Annotations[v1alpha1.AnnotationRollbackTo]
	switch hold := sync.Status.Rollback; {
	case Refusal(sync) != nil:
		return true
	case hold == nil:
		return text == ""
	default:
		return text == hold.Requested
	}
}

// Refusal returns the condition that says why the request for a rollback cannot be done; nil
// if nothing is asked for, or it was not refused.
func Refusal(sync *v1alpha1.SecretSync) *metav1.Condition {
	condition := meta.FindStatusCondition(sync.Status.Conditions, v1alpha1.ConditionRolledBack)
	if sync.Annotations[v1alpha1.AnnotationRollbackTo] == "" || condition == nil || condition.Status != metav1.ConditionFalse {
		return nil
	}
	return condition
}
