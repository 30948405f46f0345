// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package environments proves end to end that one manifest serves every environment: it runs
// the files of docs/examples/environments against Vault and Infisical, in one cluster and in
// three. It has tests only.
package environments
