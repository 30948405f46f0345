// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command secretsync-bootstrap moves the values that must exist before cluster, vault and
// operator do to where they are needed, without ever showing one.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/bootstrap"
	"github.com/secretsync/secretsync/pkg/bootstrap/protect"
	"github.com/secretsync/secretsync/pkg/version"
)

func main() {
	err := run()
	if err != nil && !bootstrap.Silent(err) {
		fmt.Fprintln(os.Stderr, "error:", printers.EscapeTerminal(err.Error()))
	}
	os.Exit(bootstrap.ExitCode(err))
}

func run() error {
	if err := protect.Process(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return bootstrap.New(bootstrap.Options{
		In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr, Terminal: term.IsTerminal(int(os.Stdin.Fd())),
		Environ: os.Environ(), Unset: os.Unsetenv, Clock: clock.RealClock{}, Random: rand.Reader, Version: version.Running(),
	}).ExecuteContext(ctx)
}
