// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// unverified is said where the content of a revision is shown.
const unverified = "The plugin has no key to verify revisions with: whoever may write Secrets may have forged what is shown. The operator verifies before it serves."

// revisionName is the name of the Secret that keeps a revision.
func revisionName(sync *v1alpha1.SecretSync, number int64) string {
	return revision.ID{Namespace: sync.Namespace, Name: sync.Name, Number: number}.SecretName()
}

// revisionSecret reads the Secret that keeps a revision.
func (s *session) revisionSecret(ctx context.Context, sync *v1alpha1.SecretSync, number int64) (*corev1.Secret, error) {
	name := revisionName(sync, number)
	secret, err := s.secret(ctx, sync.Namespace, name)
	if err != nil {
		return nil, err
	}
	if secret.Type != v1alpha1.SecretTypeRevision {
		return nil, fmt.Errorf("no revision is in Secret %s/%s: its type is %q", sync.Namespace, name, secret.Type)
	}
	return secret, nil
}

// revisionContent reads what a revision holds.
func (s *session) revisionContent(ctx context.Context, sync *v1alpha1.SecretSync, number int64) (*render.Content, error) {
	secret, err := s.revisionSecret(ctx, sync, number)
	if err != nil {
		return nil, err
	}
	content := render.FromSecret(secret.Annotations[v1alpha1.AnnotationRevisionType], secret.Data)
	return &content, nil
}

// servedContent reads what Pods get at present; nothing if there is no Secret.
func (s *session) servedContent(ctx context.Context, sync *v1alpha1.SecretSync) (*render.Content, error) {
	secret, err := s.secret(ctx, sync.Namespace, sync.ServedName())
	if apierrors.IsNotFound(err) {
		return &render.Content{}, nil
	}
	if err != nil {
		return nil, err
	}
	content := render.FromSecret(string(secret.Type), secret.Data)
	if sync.Spec.Target.Merges() {
		content = target.Share(secret, sync.Name)
	}
	return &content, nil
}

func (s *session) secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	if err := s.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, secret); err != nil {
		return nil, lacking(fmt.Errorf("reading Secret %s/%s: %w", namespace, name, err), secrets(namespace))
	}
	return secret, nil
}
