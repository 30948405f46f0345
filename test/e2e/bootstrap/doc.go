// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package bootstrap runs the bootstrap helper as a process against a real API server and a
// real Vault, and searches all that it lets out for the values that it moves.
package bootstrap
