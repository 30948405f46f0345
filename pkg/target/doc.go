// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package target owns the Secrets that Pods read: whose they are, how they differ from
// what they should hold, and writing them. Of the cache it shows an Observed, never a
// Secret that could be written back; each verdict and each write starts from a live
// read. It must not decide what is served (pkg/revision does) nor write a status.
package target
