// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package history owns the Secrets that keep revisions: writing them, reading them back
// only when they verify, knowing which numbers exist, and the installation's keys. It
// must not decide what is recorded or served (pkg/revision does) nor touch a target.
package history
