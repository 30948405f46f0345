// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command serve runs the Infisical simulator as a process, for people and for clients that are no Go:
//
//	go run ./test/infisical/serve --address 127.0.0.1:8080
//
// It knows nobody until POST /api/v1/admin/bootstrap, and forgets everything at its end. A line of JSON
// on its output says where it listens and, with --tls, which authority to trust.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/secretsync/secretsync/test/infisical"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	address := flags.String("address", "127.0.0.1:8080", "where to listen")
	secure := flags.Bool("tls", false, "serve HTTPS, with a certificate of a new private authority")
	old := flags.Bool("old", false, "be a server of the time before version 4 of the API")
	events := flags.Bool("events", false, "have a licence for event subscriptions")
	limited := flags.Bool("limited", false, "limit requests as the free plan of Infisical's cloud does")
	if err := flags.Parse(args); err != nil {
		return err
	}
	options := infisical.Options{Address: *address, TLS: *secure, Behavior: infisical.NewServer()}
	if *old {
		options.Behavior = infisical.OldServer()
	}
	options.Behavior.Events = *events
	if *limited {
		options.Limits = infisical.CloudFree()
	}
	simulator, err := infisical.Start(options)
	if err != nil {
		return err
	}
	told := map[string]string{"address": simulator.Address(), "ca": string(simulator.CA())}
	if err := json.NewEncoder(out).Encode(told); err != nil {
		return fmt.Errorf("telling the address: %w", err)
	}
	<-ctx.Done()
	return simulator.Close()
}
