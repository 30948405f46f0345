// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command secretsync is the operator.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/secretsync/secretsync/pkg/operator"
)

func main() {
	err := run()
	if errors.Is(err, pflag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "secretsync:", err)
		os.Exit(1)
	}
}

func run() error {
	options, err := operator.ParseOptions(os.Args[1:], os.LookupEnv)
	if err != nil {
		return err //nolint:wrapcheck // complete as it is
	}
	logger, err := operator.NewLogger(os.Stderr, options.LogLevel)
	if err != nil {
		return err //nolint:wrapcheck // complete as it is
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return operator.Run(ctx, options, logger) //nolint:wrapcheck // complete as it is
}
