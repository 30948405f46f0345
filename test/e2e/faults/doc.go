// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package faults proves end to end that nothing is lost, stuck or changed when the
// operator, the API server or Vault dies at a bad moment, or when objects are taken away.
// It has tests only.
package faults
