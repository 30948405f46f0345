// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package chart tests what the chart renders to, which values it refuses, and that a
// Kubernetes which enforces the restricted Pod security standard runs it. It holds tests
// only; whether its rights are the right ones is test/e2e/rbac's question.
package chart
