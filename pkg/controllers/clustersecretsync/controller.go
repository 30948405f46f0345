// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"context"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/metrics"
)

// Options are what a Reconciler works with. All are required.
type Options struct {
	// Client reads from caches, and writes SecretSyncs and statuses.
	Client client.Client
	// Events tells people what happened.
	Events events.Recorder
	// Metrics counts reconciles.
	Metrics *metrics.Metrics
	// Clock tells the time.
	Clock clock.PassiveClock
	// Namespace the operator runs in.
	Namespace string
}

// Reconciler keeps a SecretSync in each selected namespace.
type Reconciler struct {
	Options

	memory *memory
}

// New returns a Reconciler.
func New(o Options) *Reconciler { return &Reconciler{Options: o, memory: newMemory(o.Clock)} }

// Reconcile looks at the namespaces and their SecretSyncs, plans, acts, and tells.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	began := r.Clock.Now()
	defer func() { r.Metrics.Reconciled(controllerName, r.Clock.Since(began)) }()
	seen, err := r.look(ctx, request.Name)
	if seen == nil {
		r.memory.forget(request.Name)
		return ctrl.Result{}, err
	}
	plan := planOf(*seen)
	r.memory.accept(request.Name, plan.accepted)
	r.memory.toCreate(request.Name, len(plan.create))
	r.memory.reach(request.Name, plan.reached)
	wrote, err := r.act(ctx, seen, plan)
	if err != nil {
		return ctrl.Result{}, err
	}
	silent := r.memory.silent(request.Name, wrote)
	if wrote && silent < silence { // What was written is told when it is known how it fares.
		return ctrl.Result{RequeueAfter: settling}, nil
	}
	wait, err := r.tell(ctx, seen, plan)
	if wrote {
		wait = soonest(wait, settling)
	}
	return ctrl.Result{RequeueAfter: wait}, err
}

// Busy reports whether SecretSyncs are still to be created, so that what can wait should.
func (r *Reconciler) Busy() bool { return r.memory.creating() }
