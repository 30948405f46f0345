// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package child owns the command that exec runs: the environment it gets, the signals that
// reach it, and how it ended. It must not know where a value comes from, nor put one anywhere
// but into that environment.
package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// ReasonNotStarted is that of the error about a command that cannot be started: InvalidSpec.
const ReasonNotStarted = "CommandNotStarted"

// ReasonNotText is that of the error about a value that no environment variable can hold:
// InvalidContent.
const ReasonNotText = "ValueHasZeroByte"

// Command is a command to run.
type Command struct {
	// Args are its name and its arguments.
	Args []string
	// Environ is the environment that it inherits, as of os.Environ.
	Environ []string
	// Drop are names that it does not inherit.
	Drop []string
	// Set are the variables that it gets.
	Set map[string]sensitive.Value
	// Stdin, Stdout and Stderr are its own.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Terminal says that Stdin is one, whose signals reach the command by themselves.
	Terminal bool
}

// ExitError says that the command ran and did not end well.
type ExitError struct {
	// Code is its exit code; for a signal, 128 and the signal's number, as shells have it.
	Code int
}

// Error returns the code in a sentence.
func (e *ExitError) Error() string { return fmt.Sprintf("the command ended with exit code %d", e.Code) }

// Run runs the command to its end. It is not ended with the context, but gets the signals that
// this process gets: half a "terraform apply" is worse than a late one. A signal that ended the
// context before keeps it from being started.
func (c Command) Run(ctx context.Context) error {
	environ, err := c.environ()
	if err != nil {
		return err
	}
	command := exec.CommandContext(context.WithoutCancel(ctx), c.Args[0], c.Args[1:]...) //nolint:gosec // running what it is told to is the point of exec
	command.Env, command.Stdin, command.Stdout, command.Stderr = environ, c.Stdin, c.Stdout, c.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("command %s is not started: %w", c.Args[0], err)
	}
	if err := command.Start(); err != nil {
		return fault.New(fault.InvalidSpec, ReasonNotStarted, "command %s cannot be started", c.Args[0]).Because(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		select {
		case s := <-signals:
			if s != syscall.SIGINT || !c.Terminal {
				_ = command.Process.Signal(s) // it may have ended just now
			}
		case err := <-ended:
			return outcome(err)
		}
	}
}

func outcome(err error) error {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return &ExitError{Code: 128 + int(status.Signal())}
	}
	return &ExitError{Code: exit.ExitCode()}
}

// environ is what the command gets: what it inherits without what is dropped, and what is set.
func (c Command) environ() ([]string, error) {
	environ := slices.DeleteFunc(slices.Clone(c.Environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		_, set := c.Set[name]
		return set || slices.Contains(c.Drop, name)
	})
	for name, value := range c.Set {
		text := string(value.Reveal())
		if strings.Contains(text, "\x00") {
			return nil, fault.New(fault.InvalidContent, ReasonNotText, "the value for environment variable %s has a zero byte, which no environment can hold", name)
		}
		environ = append(environ, name+"="+text)
	}
	slices.Sort(environ)
	return environ, nil
}
