// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package access is who may come in to the Infisical simulator: identities, how they log in, the
// lockout of those who guess, and the tokens that they get, with their ends.
//
// Time is the clock's. It must not know of HTTP, nor verify what others signed (the tokens of
// Kubernetes and of identity providers): who calls it has done that.
package access
