// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fake owns a backend in memory for tests: entries with versions, soft deletion
// and destruction, refused paths and identities, errors to inject, reads that hang, and a
// record of every call. It keeps the contract of package backend (package backendtest
// proves it) and must not be imported by anything but tests.
package fake
