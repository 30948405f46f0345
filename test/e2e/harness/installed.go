// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/secretsync/secretsync/test/cluster"
	process "github.com/secretsync/secretsync/test/operator"
)

const (
	// OperatorAccount is the ServiceAccount, in Home, that the chart gives the operator.
	OperatorAccount = "secretsync"
	// OperatorUser is the name under which the API server knows it.
	OperatorUser = "system:serviceaccount:" + Home + ":" + OperatorAccount
	// KubernetesMount is where the Vault of an installation has its Kubernetes auth method.
	KubernetesMount = "kubernetes"
)

// Installed is a world whose chart has values of its own, and in which no operator runs from
// the start: each test runs its own, so tests do not run side by side.
type Installed struct{ *World }

// RunOptions say how an operator differs from the chart's.
type RunOptions struct {
	// Name of its log; the test's by default.
	Name string
	// Args and Env are appended to the chart's.
	Args, Env []string
	// NoLoopback leaves out the permission to reach a Vault on this machine.
	NoLoopback bool
}

// InstalledSuite is one installation for all tests of a package, as Suite is one World.
type InstalledSuite struct {
	audit  cluster.AuditLevel
	values map[string]any
	scope  scope
	new    bool
	once   sync.Once
	world  *Installed
	err    error
}

// NewInstalledSuite says how much the API server shall record of requests.
func NewInstalledSuite(audit cluster.AuditLevel) *InstalledSuite {
	return &InstalledSuite{audit: audit, scope: scopeOfRun(pool(pooledByInstalled))}
}

// Serving names the namespaces that the tests use, which are there from the start where the
// operator serves listed namespaces only. It returns the suite.
func (s *InstalledSuite) Serving(namespaces ...string) *InstalledSuite {
	s.scope = scopeOfRun(namespaces)
	return s
}

// OfOneScope leaves the scope to the chart's values, whatever is asked of the run: the tests are
// about just that scope. It returns the suite.
func (s *InstalledSuite) OfOneScope() *InstalledSuite {
	s.scope = scope{}
	return s
}

// With gives the chart values, and returns the suite.
func (s *InstalledSuite) With(values map[string]any) *InstalledSuite {
	s.values = values
	return s
}

// WithNewVault leaves the Vault uninitialized: everything in it is the tests' to do.
func (s *InstalledSuite) WithNewVault() *InstalledSuite {
	s.new = true
	return s
}

// NeedsClusterBackends ends the test where the operator will serve none, before anything starts.
func (s *InstalledSuite) NeedsClusterBackends(tb testing.TB) {
	tb.Helper()
	s.scope.needsClusterBackends(tb)
}

// Get returns the installation, made if it is the first time.
func (s *InstalledSuite) Get(tb testing.TB) *Installed {
	tb.Helper()
	s.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), startTimeout)
		defer cancel()
		s.world, s.err = s.install(ctx)
	})
	if s.err != nil {
		tb.Fatal(s.err)
	}
	return s.world
}

// Main runs the tests, stops the world and returns the exit code for TestMain: not 0 either
// if a log of an operator holds what it must not.
func (s *InstalledSuite) Main(m *testing.M) int {
	code := m.Run()
	if s.world == nil {
		return code
	}
	if err := s.world.stop(); err != nil {
		return complain(err)
	}
	return code
}

// install starts the servers and installs the chart. After an error nothing is left.
func (s *InstalledSuite) install(ctx context.Context) (*Installed, error) {
	dir, err := os.MkdirTemp("", "secretsync-e2e-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	i := &Installed{World: &World{scope: s.scope, dir: dir, values: map[string]bool{}}}
	if err := s.start(ctx, i); err != nil {
		return nil, errors.Join(err, i.stop())
	}
	return i, nil
}

func (s *InstalledSuite) start(ctx context.Context, i *Installed) error {
	servers := cluster.Options{
		Audit: s.audit, ControllerManager: true, Vault: &cluster.VaultOptions{Audit: true, Uninitialized: s.new},
	}
	if err := i.found(ctx, servers, s.values); err != nil || s.new {
		return err
	}
	return i.Vault.EnableKubernetesAuth(ctx, i.Cluster, KubernetesMount)
}

// Run starts an operator as the chart would, changed by the options, and ends it after the
// test. It returns when the operator says that it is ready.
func (i *Installed) Run(tb testing.TB, o RunOptions) *process.Operator {
	tb.Helper()
	if o.Name == "" {
		o.Name = i.namespaceFor(tb)
	}
	logFile := filepath.Join(i.dir, o.Name+".log")
	i.mu.Lock()
	i.logs = append(i.logs, logFile)
	i.mu.Unlock()
	p, err := process.New(process.Options{
		Binary: i.binary, Kubeconfig: i.kubeconfig, LogFile: logFile, NoLoopback: o.NoLoopback,
		Command: i.args, Args: o.Args, Env: append(slices.Clone(i.env), o.Env...),
	})
	Must(tb, err)
	i.Operator = p
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Log(p.Log())
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), stopTimeout)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			tb.Error(err)
		}
	})
	Must(tb, p.Start(tb.Context()))
	return p
}
