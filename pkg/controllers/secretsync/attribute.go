// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fieldowner"
	"github.com/secretsync/secretsync/pkg/target"
)

// shortHold is how soon after its beginning the end of a hold is suspicious: people do not
// go back for a few minutes, but tools that apply a manifest end what it does not hold.
const shortHold = 30 * time.Minute

// attribute notes who asked for a hold that begins, and warns of one that ended soon and
// not on purpose. Managers are looked up live, because no cache keeps them.
func (r *Reconciler) attribute(ctx context.Context, run *run) {
	before, after := run.before.Rollback, run.status.Rollback
	switch {
	case after != nil && after.By == "":
		if managers, err := r.managers(ctx, run); err == nil { // Else by the next reconcile.
			after.By = fieldowner.Of(managers, target.FieldManager, fieldowner.Annotation(v1alpha1.AnnotationRollbackTo))
			run.attributeServed(after)
		}
	case before != nil && after == nil && run.endedSoon(before):
		managers, _ := r.managers(ctx, run) // Who wrote last is unknown without them.
		run.tell(events.HoldEnded(before.Revision, before.Requested, fieldowner.Last(managers, target.FieldManager)))
	}
}

// attributeServed notes who asked, and how, in what became live just now.
func (u *run) attributeServed(hold *v1alpha1.RollbackStatus) {
	for _, list := range [][]v1alpha1.ServedEntry{u.served, u.status.Served} {
		for i := range list {
			if e := &list[i]; e.Cause == v1alpha1.CauseRollback && e.Revision == hold.Revision && e.From.Equal(&hold.Since) {
				e.By, e.Request = hold.By, hold.Requested
			}
		}
	}
}

// endedSoon reports whether a hold ended within half an hour, and not by the plugin, which
// leaves a trace.
func (u *run) endedSoon(hold *v1alpha1.RollbackStatus) bool {
	if u.object.Annotations[v1alpha1.AnnotationRollbackTo] != "" || u.now.Sub(hold.Since.Time) >= shortHold {
		return false
	}
	released, err := time.Parse(time.RFC3339, u.object.Annotations[v1alpha1.AnnotationReleased])
	return err != nil || released.Before(hold.Since.Time)
}

// managers returns what the API server notes of who wrote the object.
func (r *Reconciler) managers(ctx context.Context, run *run) ([]metav1.ManagedFieldsEntry, error) {
	var object metav1.PartialObjectMetadata
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.KindSecretSync))
	err := r.Live.Get(ctx, run.key, &object)
	return object.ManagedFields, err
}
