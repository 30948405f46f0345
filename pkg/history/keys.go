// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"context"
	"crypto/rand"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/revision"
)

const (
	keyCurrent  = "current"
	keyPrevious = "previous"
	keyBytes    = 32
)

// LoadKeys returns the installation's keys, made and stored if there are none yet. Of
// several replicas that start at once one creates them and all use them. c must read
// live.
func LoadKeys(ctx context.Context, c client.Client, namespace string) (revision.Keys, error) {
	keys, err := readKeys(ctx, c, namespace)
	if !apierrors.IsNotFound(err) {
		return keys, err
	}
	fresh := make([]byte, keyBytes)
	if _, err := rand.Read(fresh); err != nil {
		return revision.Keys{}, fmt.Errorf("making the installation's key: %w", err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: v1alpha1.KeysSecret},
		Data:       map[string][]byte{keyCurrent: fresh},
	}
	if err := c.Create(ctx, secret); err != nil && !apierrors.IsAlreadyExists(err) {
		return revision.Keys{}, fmt.Errorf("creating Secret %q in namespace %q: %w", v1alpha1.KeysSecret, namespace, err)
	}
	return readKeys(ctx, c, namespace)
}

func readKeys(ctx context.Context, c client.Client, namespace string) (revision.Keys, error) {
	var secret corev1.Secret
	if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: v1alpha1.KeysSecret}, &secret); err != nil {
		return revision.Keys{}, fmt.Errorf("reading Secret %q in namespace %q: %w", v1alpha1.KeysSecret, namespace, err)
	}
	for _, name := range []string{keyCurrent, keyPrevious} {
		if key := secret.Data[name]; len(key) < keyBytes && (name == keyCurrent || len(key) > 0) {
			return revision.Keys{}, fault.New(fault.InvalidSpec, "InvalidKeys",
				"Secret %q in namespace %q: key %q must hold at least %d random bytes", v1alpha1.KeysSecret, namespace, name, keyBytes)
		}
	}
	return revision.Keys{Current: secret.Data[keyCurrent], Previous: secret.Data[keyPrevious]}, nil
}
