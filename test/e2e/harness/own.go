// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"testing"
)

// ForTest starts a world for one test, and stops it after the test. The test fails if the
// operator's log holds what it must not.
func ForTest(tb testing.TB, o Options) *World {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	w, err := start(ctx, o)
	Must(tb, err)
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Log(w.Operator.Log())
		}
		if err := w.stop(); err != nil {
			tb.Error(err)
		}
	})
	return w
}

// Binary is the operator that the world runs, for Options of another world.
func (w *World) Binary() string { return w.binary }

// In is a tenant of a namespace that a test makes by itself: without a SecretBackend, and with
// nothing in Vault. When the test fails, what the operator logged about it is shown.
func (w *World) In(tb testing.TB, namespace string) *Tenant {
	tb.Helper()
	n := &Tenant{World: w, Namespace: namespace, Vault: w.Vault}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the operator's log about namespace %s:\n%s", namespace, n.logged(tb))
		}
	})
	return n
}
