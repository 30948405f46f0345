// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package vault owns the proof that pkg/backend/vault works against a real Vault, logged
// in through a real API server: the contract of a backend with every engine and auth
// method, what happens to tokens, and every bad answer a proxy in between can give. It
// holds tests only.
package vault
