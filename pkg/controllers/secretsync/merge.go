// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"cmp"
	"context"
	"fmt"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/target"
)

// claimantField is the cache's index of Secrets by the SecretSyncs that have keys in them.
const claimantField = "claimant"

func claimants(secret client.Object) []string { return target.Claimants(secret) }

// judge works out whose the keys are that go into a Secret of somebody else, and returns why
// there is none to put them into. Of a target of our own it knows all already.
func (r *Reconciler) judge(ctx context.Context, run *run, live target.Live, content render.Content) (target.Live, error) {
	if !run.object.Spec.Target.Merges() {
		return live, nil
	}
	if !live.Exists() {
		return live, run.want(run.decision.Serve).Absent() //nolint:wrapcheck // classed and complete
	}
	judged := live.Judged(content, nil)
	if judged.Ownership == target.Ours || live.Claimed() || !run.servedBefore() {
		return judged, nil
	}
	before, err := r.contentOf(ctx, run, run.known.Serving)
	if fault.Is(err, fault.Suspicious) { // Nothing tells any more what was ours.
		return judged, nil
	}
	if err != nil {
		return live, err
	}
	return live.Judged(content, &before), nil
}

// await has the reconcile woken when the Secret is made that keys are to be put into, if it is
// that what is missing.
func (r *Reconciler) await(run *run) {
	switch {
	case r.Arrivals == nil:
	case fault.ReasonOf(run.serveErr) == target.ReasonTargetMissing:
		run.awaited = r.Arrivals.Await(run.key, run.secret())
	default:
		r.Arrivals.Forget(run.key)
	}
}

// vacate gives up what the SecretSync claims elsewhere, once it serves what it is to serve:
// spec.target names another Secret, or has another mode.
func (r *Reconciler) vacate(ctx context.Context, run *run) error {
	if !run.servedBefore() || run.pausing() {
		return nil
	}
	secrets, err := r.claimedBy(ctx, run.key)
	if err != nil {
		return err
	}
	spec := &run.object.Spec.Target
	for i := range secrets {
		if name := secrets[i].Name; !spec.Merges() || name != run.object.TargetName() {
			if err := r.release(ctx, run.key, name, cmp.Or(spec.OnDelete, v1alpha1.Keep)); err != nil {
				return err
			}
		}
	}
	return nil
}

// release gives up what a SecretSync claims of a Secret; onDelete as in target.Writer.Release.
func (r *Reconciler) release(ctx context.Context, key client.ObjectKey, secret, onDelete string) error {
	released, err := r.Targets.Release(ctx, secret, key, onDelete)
	if released {
		r.Audit.Info("released", zap.String("namespace", key.Namespace), zap.String("secretsync", key.Name), zap.String("secret", secret))
	}
	return err //nolint:wrapcheck // classed and complete
}

// claimedBy returns, from the cache and not to be changed, the Secrets of somebody else that
// a SecretSync has keys in.
func (r *Reconciler) claimedBy(ctx context.Context, key client.ObjectKey) ([]corev1.Secret, error) {
	var secrets corev1.SecretList
	err := r.Cached.List(ctx, &secrets, client.InNamespace(key.Namespace),
		client.MatchingFields{claimantField: key.Name}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, fmt.Errorf("looking up the Secrets that SecretSync %q has keys in: %w", key, err)
	}
	var result []corev1.Secret
	for i := range secrets.Items {
		if secrets.Items[i].Annotations[v1alpha1.AnnotationOwner] == "" {
			result = append(result, secrets.Items[i])
		}
	}
	return result, nil
}
