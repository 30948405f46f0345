// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gitops proves, on a real API server, what becomes of the annotation that rolls a
// SecretSync back when a tool applies the object from Git again. The tables in
// docs/integrations are what it measures.
//
// Flux is its own library (see the folder flux); Argo CD and kubectl are replayed by the
// requests that they make.
package gitops
