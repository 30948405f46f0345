// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// suite has an operator that reaches the API server through a proxy. Tests that stop a
// server or the operator do not run side by side with others; Go runs those that do after
// all of them.
var suite = harness.NewSuite(harness.Options{Proxied: true, Namespaces: 12}) //nolint:gochecknoglobals // One world serves all tests.

// broad is another such world, of more namespaces than an operator should have that dies a hundred times.
var broad = harness.NewSuite(harness.Options{Proxied: true, Namespaces: 60}) //nolint:gochecknoglobals // As above.

func TestMain(m *testing.M) { os.Exit(suite.Main(m, broad)) }

// sideBySide is the world of tests that run side by side, of which many take a lot of namespaces: where
// these have to be listed, the broad one.
func sideBySide(t *testing.T) *harness.World {
	t.Helper()
	if suite.ServesClusterBackends() {
		return suite.World(t)
	}
	return broad.World(t)
}

// tenant is a new tenant for a test that runs side by side with others.
func tenant(t *testing.T) *harness.Tenant {
	t.Helper()
	return sideBySide(t).Tenant(t, harness.TenantOptions{})
}

type (
	fields = map[string]any
	texts  = map[string]string
)

// onRequest has a SecretSync read only on request, so that nothing but what a test does
// moves it.
func onRequest(s *v1alpha1.SecretSync) {
	s.Spec.Refresh.Interval.Duration = 0
}

// withoutOperator stops the operator of the world until the test ends.
func withoutOperator(t *testing.T) {
	t.Helper()
	o := suite.World(t).Operator
	harness.Must(t, o.Stop(harness.Patiently(t)))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := o.Start(ctx); err != nil {
			t.Error(err)
		}
	})
}
