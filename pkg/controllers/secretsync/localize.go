// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

// localize replaces the placeholders in the paths of the specification by what they stand
// for in its namespace. The guard checks what comes out, so labels need no trust here: who can
// set one gets no further than who can write the path.
func (r *Reconciler) localize(ctx context.Context, run *run) error {
	run.spec = &run.object.Spec
	paths := pathsOf(run.spec)
	if !slices.ContainsFunc(paths, func(p *string) bool { return backend.HasPlaceholder(*p) }) {
		return nil
	}
	known := backend.Placeholders{Namespace: run.key.Namespace, NoLabels: r.Scoped}
	if !r.Scoped && slices.ContainsFunc(paths, func(p *string) bool { return backend.NamesLabel(*p) }) {
		var err error
		if known.Labels, err = r.labelsOf(ctx, run.key.Namespace); err != nil {
			return err
		}
	}
	spec := run.object.Spec.DeepCopy()
	for _, path := range pathsOf(spec) {
		resolved, err := known.Path(*path)
		if err != nil {
			return fmt.Errorf("replacing placeholders: %w", err)
		}
		*path = resolved
	}
	run.spec = spec
	return nil
}

// pathsOf returns the paths of a specification.
func pathsOf(spec *v1alpha1.SecretSyncSpec) []*string {
	var paths []*string
	for i := range spec.Data {
		paths = append(paths, &spec.Data[i].From.Path)
	}
	for i := range spec.DataFrom {
		if entry := spec.DataFrom[i].Entry; entry != nil {
			paths = append(paths, &entry.Path)
		}
		if find := spec.DataFrom[i].Find; find != nil {
			paths = append(paths, &find.Path)
		}
	}
	return paths
}

// labelsOf returns the labels of a namespace.
func (r *Reconciler) labelsOf(ctx context.Context, namespace string) (map[string]string, error) {
	meta := metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.Cached.Get(ctx, client.ObjectKey{Name: namespace}, &meta); err != nil {
		return nil, fmt.Errorf("looking up namespace %q: %w", namespace, err)
	}
	return meta.Labels, nil
}

// specification returns the specification as far as its placeholders are replaced.
func (u *run) specification() *v1alpha1.SecretSyncSpec {
	if u.spec == nil {
		return &u.object.Spec
	}
	return u.spec
}
