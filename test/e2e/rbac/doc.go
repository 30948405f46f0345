// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rbac proves that the chart's rights are those that the operator needs: it works
// with them, it uses each of them, and it has no others. It holds tests only.
package rbac
