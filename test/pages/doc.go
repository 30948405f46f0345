// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pages owns the reading of the project's documentation, so that tests can try what it
// tells people to type: the blocks and the commands of its pages. Its own tests try what needs
// no server; the objects are tried on a real API server by test/integration/api.
package pages
