// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package selecting proves what dataFrom finds, takes and renames, end to end: folders that
// come, go and refuse themselves, in a real Vault and through a restart of the operator. It has
// tests only.
package selecting
