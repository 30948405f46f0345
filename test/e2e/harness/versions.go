// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// ServeVersions has three states served as Secrets of their own, and waits until the first of
// them is deleted, because nothing refers to it.
func (n *Tenant) ServeVersions(tb testing.TB) {
	tb.Helper()
	const name = "versioned"
	var first string
	for serving := int64(1); serving <= 3; serving++ {
		n.Write(tb, name, map[string]any{"password": fmt.Sprintf("password-number-%d", serving)})
		if serving == 1 {
			n.Sync(tb, name, func(s *v1alpha1.SecretSync) { s.Spec.Target.Versioned = new(true) })
			first = n.AwaitReady(tb, name, serving).Status.Target
		}
		n.AwaitReady(tb, name, serving)
	}
	Await(tb, "the first version to go", func() string {
		if err := n.Client.Get(tb.Context(), n.Key(first), &corev1.Secret{}); !apierrors.IsNotFound(err) {
			return "it is there"
		}
		return ""
	})
}
