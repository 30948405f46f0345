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
var suite = harness.NewSuite(harness.Options{Proxied: true, Namespaces: 30}) //nolint:gochecknoglobals // One world serves all tests.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

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
