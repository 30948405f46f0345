// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/pkg/target"
)

// leave reports whether the target is to be deleted or left alone because its source is
// gone, and deletes it. A hold stands above its source.
func (r *Reconciler) leave(ctx context.Context, run *run) (bool, error) {
	held := run.decision.Hold.Number > 0
	if run.object.Spec.Target.OnSourceGone != v1alpha1.Delete || run.content != nil || held {
		return false, nil
	}
	if ready := meta.FindStatusCondition(run.before.Conditions, v1alpha1.ConditionReady); ready != nil &&
		ready.Reason == status.ReasonSourceGone {
		run.idle = status.ReasonSourceGone
		return true, nil
	}
	if !run.gone {
		return false, nil
	}
	live, err := r.look(ctx, run)
	if err != nil {
		return true, err
	}
	if live.Exists() && live.Ownership == target.Ours {
		if err := r.Targets.Delete(ctx, live); err != nil {
			return true, err //nolint:wrapcheck // classed and complete
		}
		run.tell(events.Removed(run.object.TargetName()))
		run.removed = true
	}
	run.idle = status.ReasonSourceGone
	run.status.ServingRevision, run.status.Target = 0, ""
	return true, nil
}
