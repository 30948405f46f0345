// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package restart owns the restarts of the workloads that use a Secret, after its content
// changed: which of them, in which order, how fast, and whether their new Pods come up. What
// is restarted is marked on the Pod template, so that nothing is restarted twice, whoever
// looks. It must not decide when content has changed, nor what follows from a failure, and
// it asks the API server for nothing while there is nothing to restart.
package restart
