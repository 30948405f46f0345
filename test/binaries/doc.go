// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package binaries builds the real servers that the tests run against (etcd, the Kubernetes control plane, Vault
// and its auth plugins, Terraform, Prometheus and Alertmanager) and the development tools from their Go modules, and finds
// them again.
//
// Each sub-folder, and each of test/tools, is a Go module of its own without code: its tool lines name the upstream programs, its go.mod
// and go.sum pin them. That keeps their dependencies out of the product's module. The results live in a cache
// outside the source tree, in a folder named after what they were built from, so a change of a pin builds anew
// and an old checkout finds its old binaries.
//
// The package must not start anything it built; that is package cluster's work.
package binaries
