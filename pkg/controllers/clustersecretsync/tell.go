// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/status"
)

const (
	// settling is the least time between two writes of one status: many SecretSyncs become
	// Ready in it.
	settling = time.Second
	// silence is how long writes that go on may keep the status from being written: who has theirs put
	// back without end keeps nothing from being told.
	silence = 5 * time.Second
	// maxListed bounds each list in a status.
	maxListed = 32
)

// tell writes the status if it differs in meaning and the last one is old enough, and returns
// when to come again; zero if there is no need.
func (r *Reconciler) tell(ctx context.Context, s *seen, p plan) (time.Duration, error) {
	wait := p.wait(s.now)
	shown, toldAt := r.memory.shown(s.owner)
	next := p.status(s.owner, shown, s.now)
	if equality.Semantic.DeepEqual(*shown, next) {
		return wait, nil
	}
	if early := settling - s.now.Sub(toldAt); early > 0 && !toldAt.IsZero() {
		return soonest(wait, early), nil
	}
	written := s.owner.DeepCopy()
	if err := status.PatchClusterSecretSync(ctx, r.Client, written, next); err != nil {
		return 0, fmt.Errorf("telling how ClusterSecretSync %q fares: %w", s.owner.Name, err)
	}
	if p.stopped && !status.RolloutStopped(shown.Conditions) {
		r.Events.Record(s.owner, events.RolloutStopped(p.broken, p.waiting))
	}
	if p.blocked != nil && shown.Blocked == nil {
		r.Events.Record(s.owner, events.RemovalsBlocked(int(*p.blocked.Count), p.kept, p.blocked.Namespaces))
	}
	r.memory.tell(written, &next)
	return wait, nil
}

// status returns what to tell.
func (p *plan) status(owner *v1alpha1.ClusterSecretSync, shown *v1alpha1.ClusterSecretSyncStatus, now time.Time) v1alpha1.ClusterSecretSyncStatus {
	facts := status.FanOutFacts{
		Generation: owner.Generation, Err: p.err, Selected: p.counts.selected, Ready: p.counts.ready, Updated: p.counts.updated,
		Failed: len(p.failures), Waiting: p.waiting, Broken: p.broken, Stopped: p.stopped, Paused: p.paused,
		Blocked: p.blocked, Kept: p.kept, Percent: owner.Spec.Safety.PercentOrDefault(), Name: owner.Name,
	}
	next := v1alpha1.ClusterSecretSyncStatus{
		ObservedGeneration: owner.Generation,
		Conditions:         status.FanOutConditions(shown.Conditions, facts, now),
	}
	if p.err != nil { // What was counted last still stands.
		next.Namespaces, next.Failures, next.Blocked = shown.Namespaces, shown.Failures, shown.Blocked
		return next
	}
	next.Blocked = p.blocked
	next.Namespaces = &v1alpha1.NamespaceCounts{
		Selected: count(p.counts.selected), Created: count(p.counts.created), Updated: count(p.counts.updated),
		Ready: count(p.counts.ready), Failed: count(len(p.failures)),
	}
	failures := slices.SortedFunc(maps.Values(p.failures), func(a, b v1alpha1.NamespaceFailure) int {
		return cmp.Compare(a.Namespace, b.Namespace)
	})
	for _, failure := range failures[:min(len(failures), maxListed)] {
		failure.Message = status.Shortened(failure.Message)
		next.Failures = append(next.Failures, failure)
	}
	return next
}

func count(n int) *int32 { return new(int32(n)) } //nolint:gosec // no cluster has so many namespaces

// wait returns when to come again for what is held; zero if nothing is.
func (p *plan) wait(now time.Time) time.Duration {
	if p.again.IsZero() {
		return 0
	}
	return max(time.Millisecond, p.again.Sub(now))
}

// earliest returns the first of two times, of which zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// soonest returns the shorter of two waits, of which zero is none.
func soonest(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
