// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package secretsync owns the reconcile of a SecretSync: the order of its steps, and the
// steps. Each step is a file. What is decided is decided in pure packages below; what is
// read from a backend is read by pkg/poll, never here.
package secretsync
