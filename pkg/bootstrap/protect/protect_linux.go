// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package protect

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Process switches core dumps off, which children inherit, and makes the process not dumpable:
// /proc/PID/environ and /proc/PID/mem are root's alone then (prctl(2), proc(5)).
func Process() error {
	if err := noCoreDumps(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("making the process not dumpable: %w", err)
	}
	return nil
}
