// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"maps"
	"os"
	"testing"
)

const (
	// scopedVariable, set to anything, has every World serve listed namespaces with Roles alone, but
	// for those whose package is about one scope.
	scopedVariable = "SECRETSYNC_E2E_SCOPED"
	// pooled is how many namespaces such a World serves unless told otherwise: one for each tenant of
	// a package. An operator takes the longer to start the more there are.
	pooled = 120
	// pooledByInstalled is the same of a package whose every test starts an operator.
	pooledByInstalled = 24
)

// scope is which namespaces the operator of a World serves: those, or where none is listed all.
type scope struct{ listed []string }

// scopeOfRun is the scope that whoever runs the tests asks for: the whole cluster unless told
// otherwise, else these namespaces.
func scopeOfRun(namespaces []string) scope {
	if os.Getenv(scopedVariable) == "" {
		return scope{}
	}
	return scope{listed: namespaces}
}

// pool returns the names of n namespaces for tenants.
func pool(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("tenant-%d", i+1)
	}
	return names
}

// over returns the chart's values with what they say about the scope.
func (s scope) over(values map[string]any) map[string]any {
	if s.listed == nil {
		return values
	}
	// Package scoped does without the reviews.
	all := map[string]any{"scope": map[string]any{"namespaces": s.listed, "clusterReviews": true}}
	maps.Copy(all, values)
	delete(all, "clusterSecretSyncs") // An operator with Roles alone has none.
	return all
}

// needsClusterBackends ends the test where the operator serves none.
func (s scope) needsClusterBackends(tb testing.TB) {
	tb.Helper()
	if !s.servesClusterBackends() {
		tb.Skip("an operator with Roles alone serves no ClusterSecretBackend, as package scoped proves")
	}
}

func (s scope) servesClusterBackends() bool { return s.listed == nil }

// NeedsClusterBackends ends the test where the operator serves none.
func (w *World) NeedsClusterBackends(tb testing.TB) {
	tb.Helper()
	w.scope.needsClusterBackends(tb)
}

// ServesClusterBackends reports whether the operator does, for a test that has a part about them.
func (w *World) ServesClusterBackends() bool { return w.scope.servesClusterBackends() }

// NeedsClusterBackends ends the test where the operator will serve none, before anything starts.
func (s *Suite) NeedsClusterBackends(tb testing.TB) {
	tb.Helper()
	s.options.scope().needsClusterBackends(tb)
}

// ServesClusterBackends reports whether the operator will, before anything starts.
func (s *Suite) ServesClusterBackends() bool { return s.options.scope().servesClusterBackends() }
