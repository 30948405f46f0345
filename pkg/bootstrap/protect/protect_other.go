// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package protect

// Process does nothing: only Linux, where pipelines run, has what it takes.
func Process() error { return nil }
