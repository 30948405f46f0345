// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package admin seeds an Infisical server, real or simulated, through the HTTP API that its
// administrators use: projects, folders, secrets, imports, roles, identities and how they log in.
//
// It knows nothing of the simulator, so that a test which seeds with it alone can run against a real
// server. What it makes has names of its own each time, so that a server can be used again.
package admin
