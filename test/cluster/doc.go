// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cluster starts a real Kubernetes control plane and a real Vault on this machine, for tests, the demo and
// the benchmark: etcd, kube-apiserver, optionally kube-controller-manager, and Vault with its Kubernetes and JWT
// auth methods, on free loopback ports, with TLS by authorities made for the occasion.
//
// There is no kubelet: a Pod is an object and never runs. What shall act in the cluster runs as a process beside
// it (package process) with the token of a ServiceAccount. Nothing started here outlives the program that started
// it, however that program ends.
//
// The package must not know the product: it imports nothing of pkg.
package cluster
