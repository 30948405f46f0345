// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package child_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/secretsync/secretsync/pkg/bootstrap/child"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func shell(script string) (child.Command, *bytes.Buffer) {
	var out bytes.Buffer
	return child.Command{Args: []string{"/bin/sh", "-c", script}, Environ: []string{"KEEP=kept", "DROP=dropped", "BOTH=old"}, Stdout: &out, Stderr: &out}, &out
}

func TestEnvironment(t *testing.T) {
	c, out := shell(`printf '%s|%s|%s|%s' "$KEEP" "${DROP-unset}" "$BOTH" "$SET"`)
	c.Drop = []string{"DROP"}
	c.Set = map[string]sensitive.Value{"SET": sensitive.FromString("a\nb=c"), "BOTH": sensitive.FromString("new")}
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "kept|unset|new|a\nb=c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExitCode(t *testing.T) {
	for script, want := range map[string]int{"exit 7": 7, "kill -TERM $$": 128 + int(syscall.SIGTERM)} {
		c, _ := shell(script)
		exit, ok := errors.AsType[*child.ExitError](c.Run(t.Context()))
		if !ok || exit.Code != want {
			t.Errorf("%s: got %v", script, exit)
		}
	}
}

func TestNotStarted(t *testing.T) {
	c := child.Command{Args: []string{"no-such-command"}}
	if err := c.Run(t.Context()); !fault.Is(err, fault.InvalidSpec) {
		t.Errorf("got %v", err)
	}
}

// TestSignalBeforeTheStart: who ended the helper meant the command, too.
func TestSignalBeforeTheStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c, out := shell("echo started")
	if err := c.Run(ctx); !errors.Is(err, context.Canceled) || out.Len() > 0 {
		t.Errorf("got %v, and the command said %q", err, out)
	}
}

func TestZeroByte(t *testing.T) {
	const hidden = "hunter2"
	c, _ := shell("exit 0")
	c.Set = map[string]sensitive.Value{"A": sensitive.FromString(hidden + "\x00")}
	if err := c.Run(t.Context()); !fault.Is(err, fault.InvalidContent) || strings.Contains(err.Error(), hidden) {
		t.Errorf("got %v", err)
	}
}

// TestSignalsReachTheCommand: the command says when it listens, and is told then.
func TestSignalsReachTheCommand(t *testing.T) {
	c, _ := shell(`trap 'exit 9' TERM; echo ready; while :; do read -r line || :; done`)
	ready, ours := io.Pipe()
	open, stdin := io.Pipe()
	c.Stdout, c.Stdin = ours, open
	done := make(chan error, 1)
	go func() { done <- c.Run(t.Context()) }()
	if _, err := ready.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, ready) }()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// The shell looks at the signal once its read returns.
	if _, err := io.WriteString(stdin, "\n"); err != nil {
		t.Fatal(err)
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if exit, ok := errors.AsType[*child.ExitError](<-done); !ok || exit.Code != 9 {
		t.Errorf("got %v", exit)
	}
}
