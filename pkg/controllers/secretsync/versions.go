// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// versionField is the cache's index of immutable Secrets by the SecretSync that they are
// versions for.
const versionField = "version"

// versionFor returns what the index has of a Secret.
func versionFor(secret client.Object) []string {
	if name, found := ownerOf(secret); found && secret.GetAnnotations()[v1alpha1.AnnotationVersionOf] != "" {
		return []string{name}
	}
	return nil
}

// observe returns the target as the cache has it, and its name. Of several versions it is the
// one that the status tells; where that is lost, the one that is held as asked for, else the
// latest.
func (r *Reconciler) observe(ctx context.Context, object *v1alpha1.SecretSync, status *v1alpha1.SecretSyncStatus) (target.Observed, string, error) {
	if !object.Spec.Target.IsVersioned() {
		observed, err := target.Observe(ctx, r.Cached, client.ObjectKey{Namespace: object.Namespace, Name: object.TargetName()})
		return observed, object.TargetName(), err //nolint:wrapcheck // complete
	}
	versions, err := r.versions(ctx, object)
	if err != nil {
		return target.Observed{}, "", err
	}
	var found target.Observed
	for _, v := range versions {
		if servedRather(object, status, v, found) {
			found = v
		}
	}
	return found, cmp.Or(found.Name(), status.Target, object.TargetName()), nil
}

// servedRather reports whether of two versions rather v than other is the one that is served. One
// that is held in place of a failed one is as late as that: it came after it.
func servedRather(object *v1alpha1.SecretSync, status *v1alpha1.SecretSyncStatus, v, other target.Observed) bool {
	key, asked := client.ObjectKeyFromObject(object), object.Annotations[v1alpha1.AnnotationRollbackTo]
	rank := func(v target.Observed) int {
		switch {
		case !v.Exists():
			return 0
		case v.Name() == status.Target:
			return 3
		case asked != "" && v.HeldFor(key) == asked:
			return 2
		default:
			return 1
		}
	}
	failed := func(v target.Observed) int64 { return revision.TakenBack(v.HeldFor(key)) }
	latest := func(v target.Observed) int64 { return max(v.Revision(key), failed(v)) }
	return cmp.Or(cmp.Compare(rank(v), rank(other)), cmp.Compare(latest(v), latest(other)), cmp.Compare(failed(v), failed(other))) > 0
}

// versions returns the versions of the target that the cache has.
func (r *Reconciler) versions(ctx context.Context, object *v1alpha1.SecretSync) ([]target.Observed, error) {
	var secrets corev1.SecretList
	err := r.Cached.List(ctx, &secrets, client.InNamespace(object.Namespace),
		client.MatchingFields{versionField: object.Name}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, fmt.Errorf("looking up the versions of Secret %q: %w", object.TargetName(), err)
	}
	var versions []target.Observed
	for i := range secrets.Items {
		if v := target.ObservedOf(&secrets.Items[i]); v.VersionOf() == object.TargetName() {
			versions = append(versions, v)
		}
	}
	return versions, nil
}

// aim chooses the Secret that has to hold a revision: of several versions the one that does.
// Where none does, its name is known with its content.
func (r *Reconciler) aim(ctx context.Context, run *run, number int64) error {
	digest := run.digest(number)
	if !run.object.Spec.Target.IsVersioned() || digest == "" && run.observed.Revision(run.key) == number {
		return nil
	}
	versions, err := r.versions(ctx, run.object)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(versions, func(v target.Observed) bool {
		return v.Revision(run.key) == number && v.Has(digest)
	})
	var aimed target.Observed
	if at >= 0 {
		aimed = versions[at]
	}
	if aimed.Name() != run.name {
		run.live = nil
	}
	run.observed, run.name = aimed, aimed.Name()
	return nil
}

// name gives the Secret a name that holds this content, if it has none yet.
func (r *Reconciler) name(ctx context.Context, run *run, content render.Content) (err error) {
	if run.name != "" {
		return nil
	}
	run.name = r.versionName(run, content)
	run.observed, err = target.Observe(ctx, r.Cached, client.ObjectKey{Namespace: run.key.Namespace, Name: run.name})
	return err //nolint:wrapcheck // complete
}

// pruneVersions deletes versions that nothing refers to any more, whenever another one became
// live: never the one that is served, nor the one before.
func (r *Reconciler) pruneVersions(ctx context.Context, run *run) error {
	relevant := len(run.served) > 0 || run.intended() || run.object.Spec.Target.IsVersioned()
	if !relevant || run.pausing() {
		return nil
	}
	versions, err := r.versions(ctx, run.object)
	if err != nil {
		return err
	}
	versions = slices.DeleteFunc(versions, func(v target.Observed) bool { return v.Name() == run.status.Target })
	if err := r.retire(ctx, run, versions); err != nil || len(run.served) == 0 {
		return err
	}
	old := make(map[string]bool, len(versions))
	for _, v := range versions {
		if v.Name() != run.before.Target && v.Revision(run.key) != run.servedBeforeThat() {
			old[v.Name()] = true
		}
	}
	return r.deleteUnreferred(ctx, run, old)
}

// deleteUnreferred deletes of old versions those that nothing refers to. That is looked for
// live, and only if there is something to delete.
func (r *Reconciler) deleteUnreferred(ctx context.Context, run *run, old map[string]bool) error {
	all := len(old)
	if all == 0 {
		return nil
	}
	err := r.dropReferred(ctx, run.key.Namespace, old)
	if fault.Is(err, fault.Rejected) { // The chart does not let us look, so all stay.
		run.tell(events.NotPruned(run.object.TargetName(), all))
		return nil
	}
	if err != nil {
		return err
	}
	if kept := all - len(old); kept >= manyVersions {
		run.tell(events.ManyVersions(run.object.TargetName(), kept))
	}
	return r.deleteVersions(ctx, run, old)
}

// manyVersions is how many old versions that are referred to are worth a word: as many as four
// Deployments keep ReplicaSets of by default.
const manyVersions = 40

// deleteVersions deletes those that are still ours.
func (r *Reconciler) deleteVersions(ctx context.Context, run *run, names map[string]bool) error {
	for name := range names {
		want := run.want(run.decision.Serve)
		want.Name = name
		live, err := r.Targets.Look(ctx, want, false)
		if err == nil && live.Exists() && live.Ownership == target.Ours {
			err = r.Targets.Delete(ctx, live)
		}
		if err != nil {
			return err //nolint:wrapcheck // classed and complete
		}
	}
	return nil
}

// retire brings the marks of versions that are not served any more in line: they are held for
// nothing, and go with the SecretSync only where that is asked for now. Where versions are
// switched off, none is asked to go any more than it was.
func (r *Reconciler) retire(ctx context.Context, run *run, versions []target.Observed) error {
	for _, v := range versions {
		want := run.want(run.decision.Serve)
		want.Name = v.Name()
		if v.Retired(want) || want.DeleteWithOwner && !run.object.Spec.Target.IsVersioned() {
			continue
		}
		live, err := r.Targets.Look(ctx, want, false)
		if err == nil && live.Exists() && live.Ownership == target.Ours {
			err = r.Targets.Retire(ctx, live, want)
		}
		if err != nil {
			return err //nolint:wrapcheck // classed and complete
		}
	}
	return nil
}
