// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package measure reads what a benchmark is judged by: audit logs, the CPU and memory of a
// process, percentiles. It must not know what is measured.
package measure
