// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !linux && !darwin

package protect

// Process does nothing: there is no release of the helper for such a machine.
func Process() error { return nil }
