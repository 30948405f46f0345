// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
)

// guard leads the process group that a process and its descendants (Vault's plugins, for one) belong to, and
// kills that group when the program that started it is gone: it reads from a pipe whose other end only that program
// holds, and the system closes it however the program dies. While the guard lives its group number is not reused,
// so killing the group never meets a stranger.
//
// Pdeathsig would not do: it is bound to a thread, not to a process, and descendants do not inherit it.
type guard struct {
	cmd  *exec.Cmd
	hold io.Closer
	once sync.Once
}

func startGuard() (*guard, error) {
	cmd := exec.Command("/bin/sh", "-c", "read _; kill -KILL 0") //nolint:noctx // Its life ends with the group.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the guard: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the guard: %w", err)
	}
	return &guard{cmd: cmd, hold: hold}, nil
}

// member makes a new process join the group.
func (g *guard) member() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pgid: g.cmd.Process.Pid}
}

// killGroup kills the guard and everything in its group. It may be called again.
func (g *guard) killGroup() {
	g.once.Do(func() {
		_ = syscall.Kill(-g.cmd.Process.Pid, syscall.SIGKILL)
		_ = g.cmd.Wait() // Killed, as intended.
		_ = g.hold.Close()
	})
}
