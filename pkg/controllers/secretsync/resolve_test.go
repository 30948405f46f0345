// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// TestScopedHasNoClusterBackends: it looks for none, and says what to do. Without readers,
// a look would panic.
func TestScopedHasNoClusterBackends(t *testing.T) {
	r := &Reconciler{Options: Options{Scoped: true}}
	for name, ref := range map[string]v1alpha1.BackendRef{
		"Named": {Kind: v1alpha1.KindClusterSecretBackend, Name: "vault"}, "Omitted": {},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.backend(t.Context(), "payments", ref)
			if !fault.Is(err, fault.InvalidSpec) || fault.ReasonOf(err) != reasonBackendNotFound || !strings.Contains(err.Error(), "name a SecretBackend") {
				t.Errorf("want a specification that is refused with what to do, got %v", err)
			}
		})
	}
}
