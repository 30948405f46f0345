// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The kernel stops the threads of a process one after the other, after kill(2) has returned.
const (
	freezeTimeout = 10 * time.Second
	freezePoll    = time.Millisecond
)

// awaitFrozen returns when every thread of the run is stopped: until then one of them may still answer.
func (r *run) awaitFrozen() error {
	tick := time.NewTicker(freezePoll)
	defer tick.Stop()
	deadline := time.After(freezeTimeout)
	for {
		frozen, err := allStopped(r.cmd.Process.Pid)
		if frozen || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-r.exited:
			return os.ErrProcessDone
		case <-deadline:
			return fmt.Errorf("a thread still runs after %s", freezeTimeout)
		}
	}
}

// allStopped reports whether each thread of a process is stopped or dead (proc_pid_stat(5): T, Z, X).
func allStopped(pid int) (bool, error) {
	stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		return false, err
	}
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // The thread has ended since.
		}
		if err != nil {
			return false, err
		}
		// The name before the state may hold anything, a parenthesis too.
		fields := string(stat)
		state := strings.TrimSpace(fields[strings.LastIndexByte(fields, ')')+1:])
		if state == "" || !strings.ContainsRune("TtZX", rune(state[0])) {
			return false, nil
		}
	}
	return true, nil
}
