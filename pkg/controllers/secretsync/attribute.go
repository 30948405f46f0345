// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fieldowner"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// shortHold is how soon after its beginning the end of a hold is suspicious: people do not
// go back for a few minutes, but tools that apply a manifest end what it does not hold.
const shortHold = 30 * time.Minute

// attribute notes who asked for a hold that begins, and warns of one that ended soon and
// not on purpose.
func (r *Reconciler) attribute(ctx context.Context, run *run) {
	before, after := run.before.Rollback, run.status.Rollback
	switch {
	case after != nil && after.By == "":
		after.By = run.asker()
		run.attributeServed(after)
	case before != nil && after == nil && revision.TakenBack(before.Requested) == 0 && run.endedSoon(before):
		run.tell(events.HoldEnded(before.Revision, before.Requested, r.lastWriter(ctx, run)))
	}
}

// asker returns who wrote the annotation that asks for a rollback: the person, where that is
// known for sure, else the tool, as it claims.
func (u *run) asker() string {
	if revision.TakenBack(u.decision.Hold.Request) > 0 && u.object.Annotations[v1alpha1.AnnotationRollbackTo] == "" {
		return target.FieldManager
	}
	if by := u.object.Annotations[v1alpha1.AnnotationRollbackBy]; u.stamped && by != "" {
		return shortened(by)
	}
	return fieldowner.Of(u.object.ManagedFields, target.FieldManager, fieldowner.Annotation(v1alpha1.AnnotationRollbackTo))
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

// lastWriter returns who wrote the object last, read live, because the cache keeps only who
// asks for a rollback. It lists, because the operator has the right to that anyway.
func (r *Reconciler) lastWriter(ctx context.Context, run *run) string {
	var objects metav1.PartialObjectMetadataList
	objects.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.KindSecretSync + "List"))
	err := r.Live.List(ctx, &objects, client.InNamespace(run.key.Namespace), client.MatchingFields{"metadata.name": run.key.Name})
	if err != nil || len(objects.Items) == 0 {
		return fieldowner.Unknown
	}
	return fieldowner.Last(objects.Items[0].ManagedFields, target.FieldManager)
}
