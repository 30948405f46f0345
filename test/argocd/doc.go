// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package argocd runs what docs/integrations/argocd gives to Argo CD, the health checks and
// the actions, in the interpreter that Argo CD uses and with no library but those that it
// opens, on statuses that pkg/status computed. It needs no server.
package argocd
