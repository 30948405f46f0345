// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"testing"
	"time"
)

// handling is how long a test may take to do one thing to a server, such as to start it again.
const handling = 2 * time.Minute

// Must ends the test at an error.
func Must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// Patiently is a context for what a test does to a server.
func Patiently(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), handling)
	tb.Cleanup(cancel)
	return ctx
}
