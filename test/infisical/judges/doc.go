// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package judges proves the Infisical simulator by clients that nobody here wrote: Infisical's SDKs for
// Go and for Node, and the provider of External Secrets (see the folder externalsecrets). What they
// ask, and what they must be answered, is the same against a real server (see the folder target).
//
// The provider is one of the time when it called version 3 of the API by code of its own; later ones
// call through the SDK for Go. So does Infisical's operator, but for one list of version 4 of the API;
// it is not among the judges, because it keeps its client in internal packages.
package judges
