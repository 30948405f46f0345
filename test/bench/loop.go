// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/secretsync/secretsync/test/bench/raw"
)

// loopCommand is the first argument with which this program is the bare loop that the
// operator at rest is compared with: a process of its own, so that its CPU can be told.
const loopCommand = "loop"

// loopTokenEnv is the environment variable with the loop's token.
const loopTokenEnv = "SECRETSYNC_BENCH_TOKEN"

// loop reads a fleet's entries until it is stopped.
func loop(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet(loopCommand, flag.ContinueOnError)
	address := flags.String("address", "", "address of Vault")
	ca := flags.String("ca", "", "file with the authority of Vault's certificate")
	objects := flags.Int("objects", 0, "how many entries to read")
	interval := flags.Duration("interval", 15*time.Second, "time between two reads of an entry")
	if err := flags.Parse(args[1:]); err != nil {
		return fmt.Errorf("parsing the flags: %w", err)
	}
	pem, err := os.ReadFile(*ca)
	if err != nil {
		return fmt.Errorf("reading the authority: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	vault, err := api.NewClient(&api.Config{Address: *address, MaxRetries: -1, HttpClient: &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}}})
	if err != nil {
		return fmt.Errorf("connecting to Vault: %w", err)
	}
	vault.SetToken(os.Getenv(loopTokenEnv))
	return raw.Loop(ctx, vault, mount, newFleet("a", *objects, *interval).paths(), *interval)
}
