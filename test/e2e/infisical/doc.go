// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package infisical tests that a SecretSync behaves the same when its backend is an
// Infisical: the operator as a process, with the chart's rights, a real API server that
// reviews the tokens it logs in with, and the simulator of test/infisical.
package infisical
