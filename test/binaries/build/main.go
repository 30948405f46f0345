// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command build makes the servers that the tests run against, unless the cache has them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/secretsync/secretsync/test/binaries"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := binaries.Build(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // Nothing is left to undo.
	}
}
