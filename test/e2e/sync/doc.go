// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sync proves the main behaviours of a SecretSync end to end: the operator as a
// process, a real API server and a real Vault. It has tests only.
package sync
