// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package backend owns the reconcile of SecretBackend and ClusterSecretBackend, which are
// the same kind in two scopes: it says in their status whether they can be used. It asks
// no backend itself: pkg/poll probes it, under the login that the reads share.
package backend

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/metrics"
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
	// Opener makes the poller's sources.
	Opener poll.Opener
	// Metrics counts reconciles.
	Metrics *metrics.Metrics
	// Clock tells the time.
	Clock clock.PassiveClock
}

// Reconciler tells whether the backends of one kind can be used.
type Reconciler struct {
	Options

	kind   string
	memory *memory
}

// New returns a Reconciler of SecretBackends or ClusterSecretBackends.
func New(kind string, o Options) *Reconciler {
	return &Reconciler{Options: o, kind: kind, memory: newMemory()}
}

// lookAgain is the pause before it is asked of the poller, in memory, whether all reads
// of a backend have come to fail though it answers.
const lookAgain = time.Minute

// Reconcile loads the backend, lets a changed credential be tried, asks how the backend
// fares, and tells.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	began := r.Clock.Now()
	defer func() { r.Metrics.Reconciled(strings.ToLower(r.kind), r.Clock.Since(began)) }()
	subject, err := r.load(ctx, request.NamespacedName)
	if subject == nil {
		r.forget(request.NamespacedName)
		return ctrl.Result{}, err
	}
	credentials, err := r.credentialVersions(ctx, subject)
	if err != nil {
		return ctrl.Result{}, err
	}
	if r.memory.credentials(request.NamespacedName, credentials) {
		r.Poller.Kick(subject.key())
	}
	facts, known := r.inquire(subject, credentials)
	if known {
		err = r.tell(ctx, subject, facts)
	}
	return ctrl.Result{RequeueAfter: lookAgain}, err
}

// inquire says how a backend fares: whether its login is accepted, from a probe, and
// whether it answers, from all reads. It is not known before the first probe.
func (r *Reconciler) inquire(s *subject, credentials string) (facts status.BackendFacts, known bool) {
	facts.Generation = s.object.GetGeneration()
	if facts.Err = s.checkAllow(); facts.Err != nil {
		return facts, true
	}
	if s.spec.PerConsumer() {
		r.Poller.Unsubscribe(s.subscriber())
		facts.Untried = true
		return facts, true
	}
	known, facts.Err = r.probe(s, credentials)
	if facts.Err == nil {
		facts.Err = r.Poller.Health(s.key()).Err()
	}
	return facts, known
}

// tell writes the status if it differs in meaning.
func (r *Reconciler) tell(ctx context.Context, s *subject, facts status.BackendFacts) error {
	next := v1alpha1.BackendStatus{
		ObservedGeneration: facts.Generation,
		Conditions:         status.BackendConditions(s.status.Conditions, facts, r.Clock.Now()),
		Capabilities:       s.capabilities(r.Poller.Health(s.key()).Capabilities),
	}
	if err := status.PatchBackend(ctx, r.Client, s.object, *s.status, next); err != nil {
		return fmt.Errorf("telling how %s %q fares: %w", r.kind, s.object.GetName(), err)
	}
	return nil
}

func (r *Reconciler) forget(key client.ObjectKey) {
	r.Poller.Unsubscribe(subscriber(r.kind, key))
	r.memory.forget(key)
}
