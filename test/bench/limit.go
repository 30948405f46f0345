// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/vault/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/bench/raw"
)

// pace is how fast objects were worked off.
type pace struct {
	// served per second until the last Secret, told until the last status.
	served, told float64
	// costs of the raw program and the servers.
	costs costs
}

func paceOf(n int, served, told time.Duration) pace {
	return pace{served: float64(n) / served.Seconds(), told: float64(n) / told.Seconds()}
}

// limiter runs the raw program in a world.
type limiter struct {
	world  *world
	script raw.Script
	client client.Client
	vault  *api.Client
}

func (w *world) newLimiter(ctx context.Context, script raw.Script) (*limiter, error) {
	c, err := client.New(w.config(), client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	token, err := w.token(ctx, "limit")
	if err != nil {
		return nil, err
	}
	vault, err := w.vault.Client(token)
	if err != nil {
		return nil, fmt.Errorf("connecting to Vault: %w", err)
	}
	return &limiter{world: w, script: script, client: c, vault: vault}, nil
}

// token makes a token of Vault that may read what the operator may. Vault's audit log
// calls it "token-" and its name.
func (w *world) token(ctx context.Context, name string) (string, error) {
	secret, err := w.vault.Root().Auth().Token().CreateWithContext(ctx, &api.TokenCreateRequest{Policies: []string{role}, DisplayName: name})
	if err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}
	return secret.Auth.ClientToken, nil
}

// run replays the script for a fleet with fresh objects, which are deleted afterwards: all
// Secrets first, as the operator does, then all that follows. reads has the entries read
// as well.
func (l *limiter) run(ctx context.Context, f fleet, goroutines int, reads bool) (pace, error) {
	objects, err := l.world.declare(ctx, f)
	if err != nil {
		return pace{}, err
	}
	serve, follow := l.script.Split()
	serving, err := raw.Prepare(serve, objects)
	if err != nil {
		return pace{}, err
	}
	following, err := raw.Prepare(follow, objects)
	if err != nil {
		return pace{}, err
	}
	before, err := l.world.costs(os.Getpid())
	if err != nil {
		return pace{}, err
	}
	program := raw.Program{API: l.client, Vault: l.vault, Mount: mount, Goroutines: goroutines}
	served, err := program.Run(ctx, serving, reads)
	if err != nil {
		return pace{}, err
	}
	told, err := program.Run(ctx, following, false)
	if err != nil {
		return pace{}, err
	}
	after, err := l.world.costs(os.Getpid())
	if err != nil {
		return pace{}, err
	}
	result := paceOf(f.objects, served, served+told)
	result.costs = after.since(before)
	say("  raw, %2d goroutines: %.0f/s served, %.0f/s with statuses; CPU per object %s",
		goroutines, result.served, result.told, result.costs.per(f.objects))
	return result, l.world.clear(ctx, f)
}

// requests counts what one run for n objects asks of the API server.
func (l *limiter) requests(n int) measure.Tally {
	tally := measure.TallyOf(l.script.Calls())
	for kind := range tally {
		tally[kind] *= n
	}
	return tally
}
