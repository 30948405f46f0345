// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fanout proves what a ClusterSecretSync does to namespaces, with the rights that the
// chart gives the operator for it.
package fanout
