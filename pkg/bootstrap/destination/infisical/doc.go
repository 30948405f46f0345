// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package infisical owns secrets of Infisical as places of the bootstrap helper. Who wrote one
// stands in its metadata. All requests go through pkg/backend/infisical. It must not read the
// environment, nor decide what is written.
package infisical
