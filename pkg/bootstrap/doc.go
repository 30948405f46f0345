// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package bootstrap is the composition root of secretsync-bootstrap, which moves the few values
// that must exist before cluster, vault and operator do: it owns the commands, a file each,
// and joins the packages below it. It alone reads files and hands the environment on. It must
// not print a value, except to have GitHub mask one that was generated.
package bootstrap
