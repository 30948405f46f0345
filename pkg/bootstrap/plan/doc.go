// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plan owns what a bootstrap.yaml may say: the types, reading them with errors that
// name line and field, and the rules that a schema cannot express. It is pure: it must not
// read a file or the environment, hold a value, or know how a place is reached.
package plan
