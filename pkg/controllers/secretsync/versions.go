// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// ownedField is the cache's index of versions, and of what goes with its owner, by the SecretSync
// that they say they belong to. An index of every target would take memory for nothing.
const ownedField = "owned"

// ownedBy returns what the index has of a Secret.
func ownedBy(secret client.Object) []string {
	name, found := ownerOf(secret)
	if !found || secret.GetAnnotations()[v1alpha1.AnnotationVersionOf] == "" && len(secret.GetOwnerReferences()) == 0 {
		return nil
	}
	return []string{name}
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

// owned returns the Secrets that say they are object's, and that are versions or have owners, as the
// cache has them: also what was served under another name, and copies.
func (r *Reconciler) owned(ctx context.Context, object *v1alpha1.SecretSync) ([]target.Observed, error) {
	var secrets corev1.SecretList
	err := r.Cached.List(ctx, &secrets, client.InNamespace(object.Namespace),
		client.MatchingFields{ownedField: object.Name}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, fmt.Errorf("looking up the Secrets of SecretSync %q: %w", object.Name, err)
	}
	owned := make([]target.Observed, len(secrets.Items))
	for i := range secrets.Items {
		owned[i] = target.ObservedOf(&secrets.Items[i])
	}
	return owned, nil
}

// versions returns the versions of the target that the cache has.
func (r *Reconciler) versions(ctx context.Context, object *v1alpha1.SecretSync) ([]target.Observed, error) {
	owned, err := r.owned(ctx, object)
	return slices.DeleteFunc(owned, func(v target.Observed) bool { return !isVersion(object, v) }), err
}

// isVersion reports whether a Secret that says it is object's is a version of its target.
func isVersion(object *v1alpha1.SecretSync, v target.Observed) bool {
	return v.VersionOf() == object.TargetName() && namesVersion(object, v.Name())
}

// namesVersion reports whether a name is formed as those of the target's versions are, which
// that of a copy, or of somebody's Secret with our annotations, need not be.
func namesVersion(object *v1alpha1.SecretSync, name string) bool {
	suffix, ok := strings.CutPrefix(name, object.TargetName()+"-")
	return ok && revision.IsNameSuffix(suffix)
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
// live: never the one that is served, nor the one before. Where the status is lost nothing tells
// that one, and what refers to them may be restored later than the SecretSync: all stay.
func (r *Reconciler) pruneVersions(ctx context.Context, run *run) error {
	if run.pausing() {
		return nil
	}
	owned, err := r.owned(ctx, run.object)
	if err != nil {
		return err
	}
	if err := r.retire(ctx, run, owned); err != nil || len(run.served) == 0 || run.before.ServingRevision == 0 {
		return err
	}
	old := map[string]bool{}
	for _, v := range owned {
		live := v.Name() == run.status.Target || v.Name() == run.before.Target || v.Revision(run.key) == run.servedBeforeThat()
		if !live && isVersion(run.object, v) {
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

// retire brings the marks of Secrets in line that say they are the SecretSync's and that write
// does not look after any more: versions, and what was served under another name. They go with
// the SecretSync only where that is asked for now, and versions are held for nothing.
func (r *Reconciler) retire(ctx context.Context, run *run, owned []target.Observed) error {
	for _, v := range owned {
		want := run.retired(v)
		if v.Name() == run.name || v.Retired(want) || want.DeleteWithOwner && want.VersionOf == "" {
			continue // What is no version is not asked to go any more than it was.
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

// retired returns how a Secret has to be that write does not look after any more.
func (u *run) retired(v target.Observed) target.Want {
	want := u.want(u.decision.Serve)
	want.Name, want.Merge, want.HeldFor = v.Name(), false, v.HeldFor(u.key)
	if !isVersion(u.object, v) {
		want.VersionOf = ""
	} else if v.Name() != u.status.Target { // The next one may not be served yet.
		want.HeldFor = ""
	}
	return want
}
