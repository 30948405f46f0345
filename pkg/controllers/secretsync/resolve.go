// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
)

// resolved is a backend that a SecretSync may use.
type resolved struct {
	object poll.Object
	guard  backend.Guard
	source poll.Source
}

// reasonBackendNotFound is the reason of the error for a backend that does not exist.
const reasonBackendNotFound = "BackendNotFound"

// resolve finds out what the SecretSync wants of which backend, each path let through by
// the backend's guard. Errors: InvalidSpec, naming the field and what would be valid.
func (r *Reconciler) resolve(ctx context.Context, run *run) error {
	if err := r.localize(ctx, run); err != nil {
		return err
	}
	backends, err := r.backends(ctx, run)
	if err != nil {
		return err
	}
	run.plan, err = render.NewPlan(run.spec, func(ref v1alpha1.BackendRef) bool {
		return backends[ref].source.Can.Has(backend.ValueVersions)
	})
	if err != nil {
		return fmt.Errorf("reading the specification: %w", err)
	}
	for place, want := range run.plan.Wants() {
		ref, err := backend.ParseValueRef(want.Path, want.Field, want.Version)
		if err != nil {
			return fmt.Errorf("reading the specification: %w", err)
		}
		found := backends[want.Backend]
		if want.List {
			if err := run.search(place, want, ref, found); err != nil {
				return err
			}
			continue
		}
		if err := found.guard.Check(ref); err != nil {
			return fmt.Errorf("checking a path: %w", err)
		}
		run.guards = append(run.guards, found.guard)
		run.wants = append(run.wants, poll.Want{Source: found.source, Ref: ref, Takes: run.plan.Taking(place)})
	}
	return nil
}

// backends returns every backend that the specification names, by reference.
func (r *Reconciler) backends(ctx context.Context, run *run) (map[v1alpha1.BackendRef]resolved, error) {
	plan, err := render.NewPlan(run.spec, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the specification: %w", err)
	}
	backends := map[v1alpha1.BackendRef]resolved{}
	for _, want := range plan.Wants() {
		if _, known := backends[want.Backend]; known {
			continue
		}
		found, err := r.backend(ctx, run.key.Namespace, want.Backend)
		if err != nil {
			return nil, err
		}
		found.source = r.Opener.Source(found.object, run.key.Namespace)
		backends[want.Backend] = found
	}
	return backends, nil
}

// backend returns the backend that ref names; a zero ref means the default one, which is
// a ClusterSecretBackend.
func (r *Reconciler) backend(ctx context.Context, namespace string, ref v1alpha1.BackendRef) (resolved, error) {
	const namespacesOnly = "this operator serves some namespaces only and has no ClusterSecretBackends; name a SecretBackend"
	switch {
	case ref.Kind == v1alpha1.KindSecretBackend:
		return r.ownBackend(ctx, namespace, ref.Name)
	case r.Scoped && ref.Kind == "":
		return resolved{}, fault.New(fault.InvalidSpec, reasonBackendNotFound, "spec.backendRef is omitted: %s", namespacesOnly)
	case r.Scoped:
		return resolved{}, fault.New(fault.InvalidSpec, reasonBackendNotFound, "spec.backendRef names %s %q: %s", ref.Kind, ref.Name, namespacesOnly)
	case ref.Kind == v1alpha1.KindClusterSecretBackend:
		return r.clusterBackend(ctx, namespace, ref.Name)
	default:
		return r.defaultBackend(ctx, namespace)
	}
}

func (r *Reconciler) ownBackend(ctx context.Context, namespace, name string) (resolved, error) {
	var object v1alpha1.SecretBackend
	if err := r.Cached.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &object); err != nil {
		return resolved{}, notFound(err, v1alpha1.KindSecretBackend, name, fmt.Sprintf("namespace %q has no such SecretBackend", namespace))
	}
	return resolved{
		object: poll.Object{Kind: v1alpha1.KindSecretBackend, Namespace: namespace, Name: name, Spec: &object.Spec},
		guard:  backend.AllowAll(),
	}, nil
}

func (r *Reconciler) clusterBackend(ctx context.Context, namespace, name string) (resolved, error) {
	var object v1alpha1.ClusterSecretBackend
	if err := r.Cached.Get(ctx, client.ObjectKey{Name: name}, &object); err != nil {
		return resolved{}, notFound(err, v1alpha1.KindClusterSecretBackend, name, "there is no such ClusterSecretBackend")
	}
	return r.guarded(ctx, namespace, &object)
}

// defaultBackend returns the only cluster backend that serves the namespace, or the one
// of them that is annotated as default.
func (r *Reconciler) defaultBackend(ctx context.Context, namespace string) (resolved, error) {
	var list v1alpha1.ClusterSecretBackendList
	if err := r.Cached.List(ctx, &list); err != nil {
		return resolved{}, fmt.Errorf("listing ClusterSecretBackends: %w", err)
	}
	var serving, defaults []resolved
	for i := range list.Items {
		candidate, err := r.guarded(ctx, namespace, &list.Items[i])
		if err != nil || !candidate.guard.NamespaceAllowed() {
			continue // A backend that is misconfigured says so in its own status.
		}
		serving = append(serving, candidate)
		if list.Items[i].Annotations[v1alpha1.AnnotationDefaultBackend] == "true" {
			defaults = append(defaults, candidate)
		}
	}
	switch {
	case len(serving) == 1:
		return serving[0], nil
	case len(defaults) == 1:
		return defaults[0], nil
	case len(serving) == 0:
		return resolved{}, fault.New(fault.InvalidSpec, reasonBackendNotFound,
			"spec.backendRef is omitted and no ClusterSecretBackend serves namespace %q; name a backend", namespace)
	default:
		return resolved{}, fault.New(fault.InvalidSpec, "BackendAmbiguous",
			"spec.backendRef is omitted and several ClusterSecretBackends serve namespace %q (%s), of which %d are annotated %s=true; name one",
			namespace, names(serving), len(defaults), v1alpha1.AnnotationDefaultBackend)
	}
}

func (r *Reconciler) guarded(ctx context.Context, namespace string, object *v1alpha1.ClusterSecretBackend) (resolved, error) {
	labels, err := r.labelsOf(ctx, namespace)
	if err != nil {
		return resolved{}, err
	}
	guard, err := backend.NewGuard(&object.Spec.Allow, namespace, labels)
	if err != nil {
		return resolved{}, fmt.Errorf("reading the guard of ClusterSecretBackend %q: %w", object.Name, err)
	}
	return resolved{
		object: poll.Object{Kind: v1alpha1.KindClusterSecretBackend, Name: object.Name, Spec: &object.Spec.BackendSpec},
		guard:  guard,
	}, nil
}

func notFound(err error, kind, name, message string) error {
	if apierrors.IsNotFound(err) {
		return fault.New(fault.InvalidSpec, reasonBackendNotFound, "spec.backendRef names %s %q: %s", kind, name, message)
	}
	return fmt.Errorf("looking up %s %q: %w", kind, name, err)
}

func names(backends []resolved) string {
	all := make([]string, 0, len(backends))
	for _, b := range backends {
		all = append(all, b.object.Name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
