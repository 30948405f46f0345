// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package vault owns fields of Vault's KV entries as places of the bootstrap helper: one
// field is written by check-and-set and the entry's others stay; who wrote it stands in the
// entry's custom metadata. All requests go through pkg/backend/vault. It must not read the
// environment, nor decide what is written.
package vault
