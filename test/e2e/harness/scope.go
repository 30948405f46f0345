// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"os"
	"testing"
)

const (
	// scopedVariable, set to anything, has every World serve listed namespaces with Roles alone.
	scopedVariable = "SECRETSYNC_E2E_SCOPED"
	// pooled is how many namespaces such a World serves: one for each tenant of a package.
	pooled = 120
)

// scope is which namespaces the operator of a World serves.
type scope struct{ listed bool }

// scopeOfRun is the scope that whoever runs the tests asks for: the whole cluster unless told otherwise.
func scopeOfRun() scope { return scope{listed: os.Getenv(scopedVariable) != ""} }

// values are what the chart is told about the scope.
func (s scope) values() map[string]any {
	if !s.listed {
		return nil
	}
	names := make([]string, pooled)
	for i := range names {
		names[i] = pooledName(int64(i + 1))
	}
	// Package scoped does without the reviews.
	return map[string]any{"scope": map[string]any{"namespaces": names, "clusterReviews": true}}
}

// pooledName is the nth namespace that is there from the start.
func pooledName(n int64) string { return fmt.Sprintf("tenant-%d", n) }

// NeedsClusterBackends ends the test where the operator serves none.
func (w *World) NeedsClusterBackends(tb testing.TB) {
	tb.Helper()
	if w.scope.listed {
		tb.Skip("an operator with Roles alone serves no ClusterSecretBackend, as package scoped proves")
	}
}
