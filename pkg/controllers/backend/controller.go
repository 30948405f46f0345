// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package backend owns the reconcile of SecretBackend and ClusterSecretBackend, which are
// the same kind in two scopes: it says in their status whether they can be used. It reads
// no entry; where a backend is in use, pkg/poll knows how it fares.
package backend

import (
	"context"
	"fmt"
	"time"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/status"
)

// Options are what a Reconciler works with. All are required.
type Options struct {
	// Client reads backends from the cache and writes their status.
	Client client.Client
	// Credentials reads the metadata of labelled credentials from a cache.
	Credentials client.Reader
	// Poller reads backends.
	Poller *poll.Poller
	// Opener opens backends that nobody uses, to try them.
	Opener poll.Opener
	// Clock tells the time.
	Clock clock.PassiveClock
}

// Reconciler tells whether the backends of one kind can be used.
type Reconciler struct {
	Options

	kind string
	seen *versions
}

// New returns a Reconciler of SecretBackends or ClusterSecretBackends.
func New(kind string, o Options) *Reconciler {
	return &Reconciler{Options: o, kind: kind, seen: newVersions()}
}

const (
	// retryFailing is the pause before a backend that fails is tried again.
	retryFailing = 30 * time.Second
	// lookAgain is the pause before it is asked of the poller, in memory, whether all reads
	// of a backend have come to fail though it answers.
	lookAgain = time.Minute
	// tryTimeout bounds a try.
	tryTimeout = 30 * time.Second
)

// Reconcile loads the backend, lets a changed credential be tried, asks how the backend
// fares, and tells.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	subject, err := r.load(ctx, request.NamespacedName)
	if subject == nil {
		r.seen.forget(request.NamespacedName)
		return ctrl.Result{}, err
	}
	credentials, err := r.credentialVersions(ctx, subject)
	if err != nil {
		return ctrl.Result{}, err
	}
	if r.seen.changed(request.NamespacedName, credentials) {
		r.Poller.Kick(subject.key())
	}
	facts, capabilities := r.inquire(ctx, subject)
	next := v1alpha1.BackendStatus{
		ObservedGeneration: subject.object.GetGeneration(),
		Conditions:         status.BackendConditions(subject.status.Conditions, facts, r.Clock.Now()),
		Capabilities:       subject.capabilities(capabilities),
	}
	if err := status.PatchBackend(ctx, r.Client, subject.object, *subject.status, next); err != nil {
		return ctrl.Result{}, fmt.Errorf("telling how %s %q fares: %w", r.kind, request.Name, err)
	}
	if facts.Err != nil {
		return ctrl.Result{RequeueAfter: retryFailing}, nil
	}
	return ctrl.Result{RequeueAfter: lookAgain}, nil
}

// inquire says how a backend fares: from its reads if it is in use, else by trying it.
func (r *Reconciler) inquire(ctx context.Context, s *subject) (status.BackendFacts, backend.Capabilities) {
	facts := status.BackendFacts{Generation: s.object.GetGeneration()}
	if facts.Err = s.checkAllow(); facts.Err != nil {
		return facts, nil
	}
	health := r.Poller.Health(s.key())
	switch {
	case health.Known && health.Entries > 0 && (!health.Reachable || health.Failing < health.Entries):
		facts.Err = health.Err()
		return facts, health.Capabilities
	case s.spec.PerConsumer():
		facts.Untried = true
		return facts, nil
	}
	capabilities, err := r.try(ctx, s)
	facts.Err = err
	return facts, capabilities
}

// try opens a backend that nobody uses, asks whether it answers, and closes it.
func (r *Reconciler) try(ctx context.Context, s *subject) (backend.Capabilities, error) {
	opened, err := r.Opener.Source(s.backend(), s.object.GetNamespace()).Open()
	if err != nil {
		return nil, fmt.Errorf("opening the backend: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	defer func() { _ = opened.Close(ctx) }() // what could not be revoked expires by itself
	if err := opened.Probe(ctx); err != nil {
		return nil, fmt.Errorf("trying the backend: %w", err)
	}
	return opened.Capabilities(), nil
}
