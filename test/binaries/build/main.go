// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command build makes the servers that the tests run against, unless the cache has them. With names as
// arguments it makes those programs instead, development tools among them, and prints where each of them is.
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
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // Nothing is left to undo.
	}
}

// run keeps progress and result apart, so that a script can take the paths.
func run(ctx context.Context, names []string) error {
	if err := binaries.Build(ctx, os.Stderr, names...); err != nil {
		return err
	}
	for _, name := range names {
		path, err := binaries.Path(name)
		if err != nil {
			return err
		}
		fmt.Println(path)
	}
	return nil
}
