// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/status"
)

// verdict is how a SecretSync fares with its specification as it is now.
type verdict struct {
	// ready: the state asked for is served. failing: it is not, and the reason says why.
	ready, failing bool
	// open: it is not decided yet, or what fails may pass.
	open            bool
	reason, message string
}

// judge reads the status of a SecretSync. One that somebody suspended or paused is neither
// ready nor failing, and nothing waits for it.
func judge(sync *v1alpha1.SecretSync) verdict {
	ready := meta.FindStatusCondition(sync.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil || sync.Status.ObservedGeneration != sync.Generation:
		return verdict{open: true}
	case ready.Status == metav1.ConditionTrue:
		behind := meta.IsStatusConditionTrue(sync.Status.Conditions, v1alpha1.ConditionReconciling)
		return verdict{ready: !behind, open: behind}
	case ready.Reason == status.ReasonSuspended || ready.Reason == status.ReasonPaused:
		return verdict{}
	case ready.Status == metav1.ConditionFalse:
		return verdict{
			failing: true, open: meta.IsStatusConditionTrue(sync.Status.Conditions, v1alpha1.ConditionReconciling),
			reason: ready.Reason, message: ready.Message,
		}
	default:
		return verdict{open: true}
	}
}
