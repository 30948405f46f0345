// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cli is the composition root of the kubectl plugin: it owns the commands of
// "kubectl secretsync", a file each, and the few requests they make. It acts with the
// rights of its caller alone, asks no operator, and writes nothing but annotations of
// SecretSyncs, ClusterSecretSyncs and Pod templates. It must not show a value unless --reveal asks for it.
package cli
