// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kubelet stands in for the kubelets of a test cluster, which has no nodes: each Pod
// takes its environment from the Secrets of its namespace once, when it starts, and becomes
// ready, or never does, as the test judges that environment. What makes and removes Pods is
// real.
package kubelet
