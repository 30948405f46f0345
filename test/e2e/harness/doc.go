// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package harness owns what the end to end tests stand on: one control plane, one Vault and
// the operator as a process for all tests of a package; tenants in them that never meet, so
// that tests run side by side; ways to wait for something and to count requests. It must
// not judge the operator, except that its log may hold neither a panic, nor a data race,
// nor a value that a test put into Vault.
package harness
