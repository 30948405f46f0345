// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package remote owns what every backend needs that is a server on a network: connections
// that reach no refused address, follow no redirect, heed no environment and end in time; a
// bounded answer; errors of the connection in words; and the care for a login that many
// readers share. It must not know what a server's answers mean, read the environment, log,
// or put anything into an error that a server sent as text.
package remote
