// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"sync/atomic"

	"go.uber.org/zap"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/metrics"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/pkg/target"
)

// Options are what a Reconciler works with. All are required but the last four.
type Options struct {
	// Cached reads SecretSyncs, backends, namespaces and observed targets from caches.
	Cached client.Reader
	// Live reads SecretSyncs from the API server, with what caches drop.
	Live client.Reader
	// Poller reads backends.
	Poller *poll.Poller
	// Opener makes the poller's sources.
	Opener poll.Opener
	// Keys of the installation.
	Keys revision.Keys
	// History keeps revisions; Index knows which exist.
	History *history.Store
	Index   *history.Index
	// Targets writes the Secrets that Pods read.
	Targets *target.Writer
	// Status writes statuses.
	Status *status.Writer
	// Events tells people what happened.
	Events events.Recorder
	// Metrics counts what is done.
	Metrics *metrics.Metrics
	// Audit logs each change of what is served.
	Audit *zap.Logger
	// Clock tells the time.
	Clock clock.PassiveClock
	// Scoped says that only some namespaces are served: then nothing that belongs to no
	// namespace is read, so there are no ClusterSecretBackends.
	Scoped bool
	// TrustRollbackBy says that nobody but the API server writes who asked for a rollback.
	TrustRollbackBy bool
	// Restarts restarts workloads; nil where that is switched off.
	Restarts *restart.Roller
	// Arrivals tells when a Secret is there that keys are to be put into; nil has it looked for
	// again and again.
	Arrivals *target.Arrivals
}

// Reconciler makes the target of a SecretSync hold the state asked for.
type Reconciler struct {
	Options

	memory    memory
	takings   takings
	sightings sightings
	working   atomic.Int32 // reconciles under way
}

// New returns a Reconciler.
func New(o Options) *Reconciler {
	return &Reconciler{Options: o, memory: newMemory(o.Clock.Now()), sightings: newSightings()}
}

// Reconcile resolves the backend, fetches, renders, decides, records, writes, has workloads
// restarted, and tells.
// It returns no error: an error becomes a condition and a requeue.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	done := r.work()
	defer done()
	run, err := r.begin(ctx, request.NamespacedName)
	if err != nil {
		return ctrl.Result{}, err
	}
	if run == nil {
		return r.departed(ctx, request.NamespacedName)
	}
	r.sightings.saw(run.object)
	if run.suspended() {
		r.Poller.Unsubscribe(run.key)
		r.rollOut(ctx, run)
		return r.end(ctx, run)
	}
	r.steps(ctx, run)
	r.rollOut(ctx, run)
	return r.end(ctx, run)
}

// steps is the sentence. What could not be read does not stop what is known from being
// kept right: a drifted target is repaired while its backend is down.
func (r *Reconciler) steps(ctx context.Context, run *run) {
	if run.serveErr = run.describe(); run.serveErr != nil {
		return
	}
	run.readErr = r.read(ctx, run)
	if run.serveErr = r.recall(ctx, run); run.serveErr != nil {
		return
	}
	r.missNewest(run)
	if run.serveErr = r.ask(ctx, run); run.serveErr != nil {
		return
	}
	if run.serveErr = r.guardShrink(ctx, run); run.serveErr != nil {
		return
	}
	r.weighLoss(run)
	r.decide(run)
	if run.serveErr = r.record(ctx, run); run.serveErr != nil {
		return
	}
	// What cannot be written is recorded all the same, and must not pile up.
	run.serveErr = firstOf(r.write(ctx, run), r.vacate(ctx, run), r.pruneVersions(ctx, run), r.prune(ctx, run), r.forgetRevisions(ctx, run))
}

// work counts a reconcile until what it returns is called.
func (r *Reconciler) work() (done func()) {
	began := r.Clock.Now()
	r.working.Add(1)
	return func() {
		r.working.Add(-1)
		r.Metrics.Reconciled("secretsync", r.Clock.Since(began))
	}
}

// crowd is how many reconciles at once are many.
const crowd = 4

// Busy reports whether so many reconciles are under way that what can wait should.
func (r *Reconciler) Busy() bool { return r.working.Load() >= crowd }

// forget drops all that is known of an object that is gone. Its Secret stays, unless
// garbage collection was asked to take it.
func (r *Reconciler) forget(key client.ObjectKey) {
	r.Poller.Unsubscribe(key)
	r.Status.Forget(key)
	r.Index.Forget(key)
	r.Metrics.Forget(key)
	if r.Restarts != nil {
		r.Restarts.Forget(key)
	}
	if r.Arrivals != nil {
		r.Arrivals.Forget(key)
	}
	r.memory.forget(key)
	r.takings.drop(key)
}
