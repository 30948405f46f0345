// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package infisical is a simulator of the Infisical server, for tests: secrets of versions 3 and 4 of
// the API with their versions, imports, references, tags and permissions, all logins, folders,
// projects, event subscriptions, webhooks, the rate limits of Infisical's cloud, and the
// administration that seeds it.
//
// It answers as the server's published source does, status, error names and texts included; where
// servers differ, or nobody knows, a field of Behavior chooses. Only what concerns a client that reads
// secrets as a machine identity is there. Its memory is in the folder store, its identities and tokens
// in access, and neither knows of HTTP; this package is the edge.
//
// Tests seed it through its HTTP API alone (see the folder admin), so that they can run against a real
// server as well; what only a simulator can do (faults, switches, the clock) is in this package.
package infisical
