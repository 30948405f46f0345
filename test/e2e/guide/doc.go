// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package guide does what docs/guides/bootstrap.md tells to do, as it stands there and in its
// order: writes its files, types its commands, answers what they ask, and does in place of a person
// what the page marks as a person's. Vault, its program, API server, Terraform, operator and helper
// are real; GitHub is a stand-in whose signatures are, and kubectl one that knows three commands.
package guide
