// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

const (
	// startTimeout bounds the start of everything, the build of the operator included.
	startTimeout = 10 * time.Minute
	// sideBySide is how many tests run at once: they wait more than they work.
	sideBySide = 24
)

// Options say what the tests of a package run on.
type Options struct {
	// Proxied puts a fault proxy between the operator and the API server.
	Proxied bool
	// KeepVault keeps the Vault's data in files, so that it survives a restart.
	KeepVault bool
	// Args are appended to the operator's.
	Args []string
	// Namespaces is how many tenants there are at most where the operator serves listed namespaces
	// only; 0 stands for 120.
	Namespaces int
	// Values are given to the chart.
	Values map[string]any
	// Binary is the operator, as World.Binary of another world returns it; empty builds it.
	Binary string
}

func (o Options) scope() scope { return scopeOfRun(pool(cmp.Or(o.Namespaces, pooled))) }

// Suite is one World for all tests of a package. The first test that needs it starts it:
//
//	var suite = harness.NewSuite(harness.Options{}) //nolint:gochecknoglobals // One world serves all tests.
//
//	func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }
//
//	func TestPayments(t *testing.T) { n := suite.Tenant(t); ... }
type Suite struct {
	options Options
	once    sync.Once
	world   *World
	err     error
}

// NewSuite says what the first test will start.
func NewSuite(o Options) *Suite { return &Suite{options: o} }

// World returns the world, started if it is the first time.
func (s *Suite) World(tb testing.TB) *World {
	tb.Helper()
	s.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), startTimeout)
		defer cancel()
		begin := time.Now()
		s.world, s.err = start(ctx, s.options)
		tb.Logf("starting the world took %.1f s", time.Since(begin).Seconds())
	})
	if s.err != nil {
		tb.Fatal(s.err)
	}
	return s.world
}

// Tenant returns a new tenant of the world.
func (s *Suite) Tenant(tb testing.TB) *Tenant {
	tb.Helper()
	return s.World(tb).Tenant(tb, TenantOptions{})
}

// Main runs the tests, many at once, stops the world, and those of other suites of the package, and
// returns the exit code for TestMain: not 0 either if an operator's log holds what it must not.
func (s *Suite) Main(m *testing.M, others ...*Suite) int {
	flag.Parse()
	explicit := false
	flag.Visit(func(f *flag.Flag) { explicit = explicit || f.Name == "test.parallel" })
	if !explicit {
		if err := flag.Set("test.parallel", strconv.Itoa(sideBySide)); err != nil {
			return complain(err)
		}
	}
	code := m.Run()
	for _, suite := range append(others, s) {
		if suite.world == nil {
			continue
		}
		if err := suite.world.stop(); err != nil {
			code = complain(err)
		}
	}
	return code
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
