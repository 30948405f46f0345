// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package api proves the kinds on a real API server: what it accepts and stores
// unchanged, what it refuses and with which words, and how it shows the objects. Every
// rule of the CRDs has an object that keeps it and one that breaks it; a rule without
// either fails the tests. The examples under docs are applied, too.
package api
