// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/poll"
)

// subject is a backend of either kind.
type subject struct {
	kind   string
	object client.Object
	spec   *v1alpha1.BackendSpec
	allow  *v1alpha1.Allow // nil for a SecretBackend
	status *v1alpha1.BackendStatus
}

// load returns the backend of that name, nil if it is gone.
func (r *Reconciler) load(ctx context.Context, key client.ObjectKey) (*subject, error) {
	s := newSubject(r.kind)
	err := r.Client.Get(ctx, key, s.object)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // an object that is gone is no error and leaves nothing to do
	}
	if err != nil {
		return nil, fmt.Errorf("looking up %s %q: %w", r.kind, key.Name, err)
	}
	return s, nil
}

func newSubject(kind string) *subject {
	if kind == v1alpha1.KindSecretBackend {
		object := &v1alpha1.SecretBackend{}
		return &subject{kind: kind, object: object, spec: &object.Spec, status: &object.Status}
	}
	object := &v1alpha1.ClusterSecretBackend{}
	return &subject{kind: kind, object: object, spec: &object.Spec.BackendSpec, allow: &object.Spec.Allow, status: &object.Status}
}

func (s *subject) backend() poll.Object {
	return poll.Object{Kind: s.kind, Namespace: s.object.GetNamespace(), Name: s.object.GetName(), Spec: s.spec}
}

func (s *subject) key() string { return s.backend().Key() }

// checkAllow says what is wrong with spec.allow, whichever namespace asks.
func (s *subject) checkAllow() error {
	if s.allow == nil {
		return nil
	}
	if _, err := backend.NewGuard(s.allow, "", nil); err != nil {
		return fmt.Errorf("reading the guard: %w", err)
	}
	return nil
}

// capabilities returns what to tell: what is known now, else what was known before.
func (s *subject) capabilities(known backend.Capabilities) []string {
	if known == nil {
		return s.status.Capabilities
	}
	names := make([]string, 0, len(known))
	for _, capability := range known {
		names = append(names, string(capability))
	}
	return names
}
