// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package versioned tests the immutable Secrets that spec.target.versioned makes: one for each
// state, put right, gone back to, and deleted when nothing refers to them. It holds tests only.
package versioned
