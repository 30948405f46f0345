// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package judges proves the Infisical simulator by clients that nobody here wrote: Infisical's SDKs for
// Go and for Node. What they ask, and what they must be answered, is the same against a real server
// (see the folder target).
//
// Infisical's operator and the provider of External Secrets, both in Go, are not among them: the
// first keeps its client in internal packages, the second has no tagged module, and both call
// through the SDK for Go that is judged here, but for one list of version 4 of the API.
package judges
