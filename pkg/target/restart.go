// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"maps"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Restart returns the number of the revision that the target says workloads have to be
// restarted for; zero if none, or if it does not belong to owner.
func (o Observed) Restart(owner client.ObjectKey) int64 {
	if o.Revision(owner) == 0 {
		return 0
	}
	return numberIn(&o.meta, v1alpha1.AnnotationRestart)
}

// Annotations returns a copy of all annotations of the target.
func (o Observed) Annotations() map[string]string { return maps.Clone(o.meta.Annotations) }
