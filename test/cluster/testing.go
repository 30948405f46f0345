// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"testing"
	"time"

	"github.com/secretsync/secretsync/test/cluster/process"
)

// startTimeout bounds a start in tests. It takes seconds; the rest is for a machine that is busy.
const startTimeout = 2 * time.Minute

// ForTest starts a cluster for one test and its subtests and stops it afterwards. The test fails if the cluster
// does not start, for want of binaries too; if the test fails, the ends of the servers' logs are shown.
func ForTest(tb testing.TB, options Options) *Cluster {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	c, err := Start(ctx, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		showLogs(tb, c.etcd, c.apiServer, c.controllerManager)
		if c.vault != nil {
			showLogs(tb, c.vault.server)
		}
		if err := c.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

// VaultForTest does for a Vault alone what ForTest does for a cluster.
func VaultForTest(tb testing.TB, options VaultOptions) *Vault {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	v, err := StartVault(ctx, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		showLogs(tb, v.server)
		if err := v.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return v
}

func showLogs(tb testing.TB, servers ...*process.Process) {
	tb.Helper()
	if !tb.Failed() {
		return
	}
	for _, server := range servers {
		if server != nil {
			tb.Log(server.Log())
		}
	}
}
