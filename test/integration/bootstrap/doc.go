// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package bootstrap proves the places, identities and rights of the bootstrap helper against
// a real API server and a real Vault.
package bootstrap
