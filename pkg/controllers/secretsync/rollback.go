// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/revision"
)

// ask resolves what the annotation asks for. What cannot be done is told as such, and what
// is served stays.
func (r *Reconciler) ask(ctx context.Context, run *run) error {
	var err error
	run.asked, err = revision.Resolve(run.object.Annotations[v1alpha1.AnnotationRollbackTo], run.known, run.now)
	run.requested = run.asked.Number
	if err == nil && run.asked.Number != run.known.Serving {
		err = r.permit(ctx, run, run.asked.Number)
	}
	if fault.Is(err, fault.InvalidSpec, fault.Suspicious) {
		run.refused, run.asked.Number = refusal(run.asked.Request, err), 0
		return nil
	}
	return err
}

// refusal tells which request cannot be done, and why.
func refusal(request string, err error) error {
	e := fault.As(err)
	return fault.New(e.Class, e.Reason, "%s: %q cannot be done: %s", v1alpha1.AnnotationRollbackTo, shortened(request), e.Message)
}

// permit returns nil if a revision can be served: it is there and verifies, and the
// namespace may still read what it was rendered from. Zero is no revision.
func (r *Reconciler) permit(ctx context.Context, run *run, number int64) error {
	if number == 0 {
		return nil
	}
	record, err := r.History.Read(ctx, run.id(number))
	if err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	run.asking = &record
	for _, source := range record.Sources {
		if err := r.permitSource(ctx, run, source); err != nil {
			return err
		}
	}
	return nil
}

// permitSource asks the guard of today. A backend that is gone refuses nothing: going back
// must work when it is not there.
func (r *Reconciler) permitSource(ctx context.Context, run *run, source history.Source) error {
	found, err := r.backend(ctx, run.key.Namespace, run.backendOf(source))
	if fault.ReasonOf(err) == reasonBackendNotFound || source.Backend == "" && fault.Is(err, fault.InvalidSpec) {
		return nil
	}
	if err != nil {
		return err
	}
	ref, err := backend.ParseRef(source.Path, source.Version)
	if err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	if err := found.guard.Check(ref); err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	for _, value := range source.Values {
		if err := found.guard.CheckOrigin(ref, value.Field, value.Origin()); err != nil {
			return err //nolint:wrapcheck // classed and complete
		}
	}
	return nil
}

// backendOf returns the reference to the backend of a source. Where the source does not
// name it, as after it was taken over from a status, it is that of the specification.
func (u *run) backendOf(source history.Source) v1alpha1.BackendRef {
	kind, _, name, named := backend.ParseObjectKey(source.Backend)
	switch {
	case named: // a SecretBackend is of the own namespace
		return v1alpha1.BackendRef{Kind: kind, Name: name}
	case u.object.Spec.BackendRef != nil:
		return *u.object.Spec.BackendRef
	default:
		return v1alpha1.BackendRef{}
	}
}

// stays reports whether what is served is what somebody asked for, or must not change
// because what they ask for cannot be done: the backend does not matter then.
func (u *run) stays() bool { return u.decision.Hold.Number > 0 || u.refused != nil }

// rehold reports whether the target has to be held otherwise than it is.
func (u *run) rehold() bool { return u.decision.Hold != u.known.Held }

// cause says why another revision becomes live.
func (u *run) cause() string {
	switch {
	case u.decision.Hold.Number > 0:
		return v1alpha1.CauseRollback
	case u.known.Held.Number > 0:
		return v1alpha1.CauseRelease
	default:
		return v1alpha1.CauseNewVersion
	}
}
