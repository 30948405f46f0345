// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package operator builds the operator and runs it as a process against a test cluster,
// with whatever identity a kubeconfig gives it. It must not know what is tested.
package operator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/secretsync/secretsync/test/cluster/process"
)

// Build compiles the operator into dir and returns the path of the binary. Flags, such as
// -race, are passed to go build.
func Build(ctx context.Context, dir string, flags ...string) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module: %w", err)
	}
	binary := filepath.Join(dir, "secretsync")
	args := append([]string{"build", "-o", binary}, flags...)
	build := exec.CommandContext(ctx, "go", append(args, "./cmd/secretsync")...)
	build.Dir = string(root[:len(root)-1])
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the operator: %w\n%s", err, output)
	}
	return binary, nil
}

// Options say how to run the operator.
type Options struct {
	// Binary is what Build returned.
	Binary string
	// Kubeconfig holds the API server and the identity.
	Kubeconfig string
	// LogFile takes everything the operator writes.
	LogFile string
	// Command is a command line to start from, such as the chart's: what every test needs comes
	// after it, and wins.
	Command []string
	// Args are appended to those that every test needs.
	Args []string
	// Env is the whole environment; nothing is inherited.
	Env []string
	// NoLoopback leaves out the permission to reach backends on this machine, which every
	// other test needs.
	NoLoopback bool
}

// Operator is a running operator.
type Operator struct {
	*process.Process

	health, metrics string
}

// New prepares an operator; Start starts it.
func New(o Options) (*Operator, error) {
	health, err := freeAddress()
	if err != nil {
		return nil, err
	}
	metrics, err := freeAddress()
	if err != nil {
		return nil, err
	}
	operator := &Operator{health: health, metrics: metrics}
	args := append(slices.Clone(o.Command), "--kubeconfig", o.Kubeconfig, "--health-address", health, "--metrics-address", metrics, "--metrics-auth", "None")
	if !o.NoLoopback {
		args = append(args, "--allowed-backend-cidrs", "127.0.0.0/8")
	}
	operator.Process = process.New(process.Options{
		Name: "secretsync", Path: o.Binary, Args: append(args, o.Args...), Env: o.Env, LogFile: o.LogFile, Ready: operator.ready,
	})
	return operator, nil
}

// Health is the address, host and port, of the operator's health endpoints.
func (o *Operator) Health() string { return o.health }

// Metrics is the address, host and port, of the operator's metrics endpoint: https, with a
// certificate that nobody signed, and for everybody unless Args say otherwise.
func (o *Operator) Metrics() string { return o.metrics }

// ready returns nil once the operator says that it is ready.
func (o *Operator) ready(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+o.health+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("asking for readiness: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking for readiness: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking for readiness: %s", response.Status) //nolint:err113 // nobody tells these apart
	}
	return nil
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress() (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer func() { _ = listener.Close() }()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return "", fmt.Errorf("finding a free port: %w", os.ErrInvalid)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(address.Port)), nil
}
