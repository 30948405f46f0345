// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package scoped proves that an operator for some namespaces works with Roles in these and
// its own alone, uses each of their rights, and has no others. It holds tests only.
package scoped
