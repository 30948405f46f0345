// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command demo runs the main job on real systems: it starts a control plane, a Vault and
// the operator, and shows a value travelling from Vault into a Kubernetes Secret,
// changing there when it changes in Vault, and coming back when somebody edits it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// limit bounds the whole demo.
const limit = 5 * time.Minute

func main() {
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "use this cluster instead of starting one; the demo's objects stay in namespace "+namespace)
	_ = flags.Parse(os.Args[1:]) // it exits by itself
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := run(ctx, *kubeconfig); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1) //nolint:gocritic // the process ends, and with it what is deferred
	}
}
