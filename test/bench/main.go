// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command bench measures the operator against the raw limit of the same requests, on a real
// control plane, a real Vault and a simulated Infisical, and prints a table. docs/performance.md
// says what each row means.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	run := bench
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case loopCommand:
			run = loop
		case templatesCommand:
			run = renderTemplates
		case loginsCommand:
			run = logIn
		}
	}
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // the process ends, and with it what is deferred
	}
}

// settings say how much is measured.
type settings struct {
	// only names the scenarios to run; empty is all.
	only []string
	// objects replaces each scenario's own numbers of objects; zero leaves them.
	objects int
	// intervals to rest for.
	intervals int
	// interval between reads, in the scenarios about them.
	interval time.Duration
	// profiles is a folder for profiles of the operator; empty makes none.
	profiles string
}

// quick settings are for development: every scenario runs, and none tells much.
const (
	quickObjects   = 200
	quickIntervals = 2
)

func parse(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "run these scenarios alone: "+strings.Join(names(), ","))
	flags.IntVar(&s.objects, "objects", 0, "objects in every scenario, instead of each one's own numbers")
	flags.IntVar(&s.intervals, "intervals", 20, "intervals to rest for")
	flags.DurationVar(&s.interval, "interval", 15*time.Second, "interval between reads")
	flags.StringVar(&s.profiles, "profiles", "", "write CPU and heap profiles of the operator into this folder")
	quick := flags.Bool("quick", false, fmt.Sprintf("for development: %d objects, %d intervals", quickObjects, quickIntervals))
	if err := flags.Parse(args); err != nil {
		return settings{}, fmt.Errorf("parsing the flags: %w", err)
	}
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	if *quick {
		s.objects, s.intervals = quickObjects, quickIntervals
	}
	return s, s.validate()
}

var errSettings = errors.New("invalid settings")

func (s settings) validate() error {
	for _, name := range s.only {
		if find(name) == nil {
			return fmt.Errorf("%w: no scenario %q; there are %s", errSettings, name, strings.Join(names(), ", "))
		}
	}
	if s.objects < 0 || s.intervals < 1 || s.interval < 5*time.Second {
		return fmt.Errorf("%w: --objects is at least 0, --intervals 1, --interval 5s", errSettings)
	}
	return nil
}
