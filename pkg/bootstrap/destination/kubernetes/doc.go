// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kubernetes owns keys of Kubernetes Secrets as places of the bootstrap helper. Each
// key is applied (server-side apply) by a field manager of its own, so that several values,
// and several plans, share a Secret without removing each other's keys; who wrote a key
// stands in an annotation. It must not touch what the operator writes, nor print a value.
package kubernetes
