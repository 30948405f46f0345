// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package restarts proves that a change of content reaches the Pods: which workloads are
// restarted, how often, how it is told, and what happens when their new Pods do not come up.
// Controllers and ReplicaSets are real, Pods are started by a stand-in for the kubelet.
package restarts
