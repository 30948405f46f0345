// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package credentials owns the proof that pkg/credentials works against a real API server
// with no more permissions than it says it needs. It holds tests only.
package credentials
