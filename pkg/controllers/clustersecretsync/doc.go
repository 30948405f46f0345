// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package clustersecretsync owns the reconcile of a ClusterSecretSync, a file per step: which
// namespaces it selects, what SecretSync each shall have, and which writes bring that about.
// It must not read a backend, nor touch a SecretSync that does not carry its label, but
// to take the ownerReference off that would have it deleted with the ClusterSecretSync.
package clustersecretsync
