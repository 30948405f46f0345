// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package infisical owns reading secrets of Infisical: requests to both generations of its
// API, the logins of machine identities, and telling its errors apart. An entry is a folder
// of one environment, its fields are the folder's secrets, and each of these has versions.
// It writes them (backend.ValueWriter) for the bootstrap helper alone.
//
// Logins are made by github.com/infisical/go-sdk, in its layer that takes an HTTP client
// (packages/api/auth). The layer above it, its client, is not used: it reads INFISICAL_*
// variables where a credential is empty, starts a goroutine that replays a refused
// credential every second, takes no context, transport or limit, and sends its token to
// metadata services. Reading is not the SDK's either, which knows the older API alone and
// none of identifiers, times and hidden values. The package must not read the environment,
// log, or put anything into an error that Infisical sent as text.
package infisical
