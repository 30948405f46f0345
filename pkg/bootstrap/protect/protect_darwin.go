// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package protect

// Process switches core dumps off, which children inherit. More is for Linux to have.
func Process() error { return noCoreDumps() }
