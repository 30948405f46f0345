// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package vault owns reading KV secrets engines (versions 1 and 2) of HashiCorp Vault and
// OpenBao: requests, logins and their renewal, and telling Vault's errors apart. It writes
// entries (backend.Writer) and what logins depend on (Admin) for the bootstrap helper alone.
//
// It is built on the wire vocabulary of github.com/hashicorp/vault/api (headers, answers,
// token details) with an HTTP client of its own. api.NewClient reads VAULT_* variables
// before it looks at the configuration given to it, and fails on a malformed one, so no
// setting can keep the operator's environment out of it; it also retries and follows
// redirects by itself. The package must not read the environment, log, or put anything
// into an error that Vault sent as text.
package vault
