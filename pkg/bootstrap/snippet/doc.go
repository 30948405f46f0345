// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package snippet owns the pipelines that run a plan: a workflow of GitHub Actions, and a
// workflow of an Atlantis server. It is pure: text from a plan, the same always.
package snippet
