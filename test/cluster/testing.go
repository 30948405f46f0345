// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"os"
	"sync"
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
		c.showLogs(tb)
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

// Shared is one cluster for all tests of a package. The first test that needs it starts it:
//
//	var shared = cluster.NewShared(cluster.Options{}) //nolint:gochecknoglobals // One cluster serves all tests.
//
//	func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }
//
//	func TestPayments(t *testing.T) { c := shared.Get(t); ... }
type Shared struct {
	options Options
	once    sync.Once
	cluster *Cluster
	err     error
}

// NewShared says what the first Get will start.
func NewShared(options Options) *Shared { return &Shared{options: options} }

// Get returns the cluster. It fails the test if there is none, for want of binaries too; if the test fails, the ends
// of the servers' logs are shown.
func (s *Shared) Get(tb testing.TB) *Cluster {
	tb.Helper()
	s.once.Do(func() {
		// The cluster outlives this test, but not its start.
		ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
		defer cancel()
		begin := time.Now()
		s.cluster, s.err = Start(ctx, s.options)
		tb.Logf("starting the cluster took %.1f s", time.Since(begin).Seconds())
	})
	if s.err != nil {
		tb.Fatal(s.err)
	}
	tb.Cleanup(func() { s.cluster.showLogs(tb) })
	return s.cluster
}

// Main runs the tests, stops the cluster and returns the exit code for TestMain.
func (s *Shared) Main(m *testing.M) int {
	code := m.Run()
	if s.cluster == nil {
		return code
	}
	if err := s.cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func (c *Cluster) showLogs(tb testing.TB) {
	tb.Helper()
	showLogs(tb, c.etcd, c.apiServer, c.controllerManager)
	if c.vault != nil {
		showLogs(tb, c.vault.server)
	}
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
