// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/pkg/target"
)

// leave reports whether the target is to be deleted or left alone because its source is
// gone, and deletes it. What somebody asked for stands above its source.
func (r *Reconciler) leave(ctx context.Context, run *run) (bool, error) {
	if run.object.Spec.Target.OnSourceGone != v1alpha1.Delete || run.content != nil || run.stays() {
		return false, nil
	}
	switch {
	case run.left():
		run.idle = status.ReasonSourceGone
		return true, nil
	case !run.gone:
		return false, nil
	case run.paused():
		return true, nil
	}
	live, err := r.look(ctx, run)
	if err != nil {
		return true, err
	}
	if live.Exists() && live.Ownership == target.Ours {
		if err := r.Targets.Delete(ctx, live); err != nil {
			return true, err //nolint:wrapcheck // classed and complete
		}
		run.tell(events.Removed(run.secret()))
		run.removed = true
	}
	run.idle = status.ReasonSourceGone
	run.status.ServingRevision, run.status.Target, run.status.TargetMode = 0, "", ""
	return true, nil
}

// left reports whether the target was deleted because its source is gone: it was served
// once, and is not any more.
func (u *run) left() bool {
	return u.before.ServingRevision == 0 && u.before.Target == "" && len(u.before.Served) > 0
}
