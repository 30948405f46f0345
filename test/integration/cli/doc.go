// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cli tries the kubectl plugin on a real API server. There is no operator: the
// tests make the statuses, revisions and targets that it would make, and answer what the
// plugin asks for.
package cli
