// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package infisical tests the Infisical backend against an Infisical server, which is the
// simulator of test/infisical, and a real API server: the contract suite under each auth
// method and both generations of the API, and what only Infisical does.
package infisical
