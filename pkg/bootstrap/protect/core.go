// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux || darwin

package protect

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// noCoreDumps switches core dumps off, which children inherit.
func noCoreDumps() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switching core dumps off: %w", err)
	}
	return nil
}
