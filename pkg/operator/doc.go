// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package operator is the composition root of the operator: its options, caches and
// clients, and the one list of what runs. It wires and must not decide.
package operator
