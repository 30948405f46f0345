// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command profiled is the operator, writing a CPU profile of its life and a heap profile of
// its end into the folder that SECRETSYNC_BENCH_PROFILES names.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"syscall"

	"github.com/secretsync/secretsync/pkg/operator"
)

func main() {
	if err := run(os.Getenv("SECRETSYNC_BENCH_PROFILES")); err != nil {
		fmt.Fprintln(os.Stderr, "profiled:", err)
		os.Exit(1)
	}
}

func run(dir string) (err error) {
	options, err := operator.ParseOptions(os.Args[1:], os.LookupEnv)
	if err != nil {
		return fmt.Errorf("reading the options: %w", err)
	}
	logger, err := operator.NewLogger(os.Stderr, options.LogLevel)
	if err != nil {
		return fmt.Errorf("making the logger: %w", err)
	}
	cpu, err := os.Create(filepath.Join(dir, "cpu.pprof"))
	if err != nil {
		return fmt.Errorf("making the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return fmt.Errorf("starting the profile: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	heap := make(chan error, 1)
	go func() {
		<-ctx.Done() // while everything is still held
		heap <- writeHeap(filepath.Join(dir, "heap.pprof"))
	}()
	err = operator.Run(ctx, options, logger)
	stop()
	pprof.StopCPUProfile()
	return errors.Join(err, <-heap, cpu.Close())
}

func writeHeap(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("making the profile: %w", err)
	}
	runtime.GC()
	if err := pprof.WriteHeapProfile(file); err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	return file.Close()
}
