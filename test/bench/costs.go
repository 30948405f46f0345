// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"

	"github.com/secretsync/secretsync/test/bench/measure"
)

// costs are the processor times of a client and the servers it asks. On a machine that is
// full they say what the rates say, and they do so even if somebody else keeps it busy.
type costs struct{ client, apiServer, etcd, vault time.Duration }

// costs returns what a client and the servers have used.
func (w *world) costs(client int) (costs, error) {
	var c costs
	for pid, cpu := range map[int]*time.Duration{
		client: &c.client, w.cluster.APIServer().PID(): &c.apiServer,
		w.cluster.Etcd().PID(): &c.etcd, w.vault.Server().PID(): &c.vault,
	} {
		var err error
		if *cpu, err = measure.CPU(pid); err != nil {
			return costs{}, err
		}
	}
	return c, nil
}

func (c costs) since(before costs) costs {
	return costs{c.client - before.client, c.apiServer - before.apiServer, c.etcd - before.etcd, c.vault - before.vault}
}

func (c costs) all() time.Duration { return c.client + c.apiServer + c.etcd + c.vault }

// per describes the costs of one of n objects.
func (c costs) per(n int) string {
	ms := func(d time.Duration) float64 { return 1000 * d.Seconds() / float64(n) }
	return fmt.Sprintf("%.2f ms (client %.2f, API server %.2f, etcd %.2f, Vault %.2f)",
		ms(c.all()), ms(c.client), ms(c.apiServer), ms(c.etcd), ms(c.vault))
}
