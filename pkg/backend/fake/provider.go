// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fake

import (
	"context"
	"slices"
	"sync"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend"
)

var _ backend.Provider = &Provider{}

// Options shape a Provider.
type Options struct {
	// Clock stamps versions; nil is the real one.
	Clock clock.PassiveClock
	// Unversioned keeps no versions, as a KV version 1 engine does.
	Unversioned bool
}

// Provider is the secret system and opens backends on it. It is safe for concurrent use.
type Provider struct {
	clock       clock.PassiveClock
	unversioned bool

	mu       sync.Mutex
	gone     bool
	entries  map[string]*entry
	denied   map[string]bool
	strange  map[string]bool
	failures map[string]error
	next     []error
	hanging  chan struct{}
	calls    calls
	openErr  error
}

// calls is what was done to the Provider.
type calls struct {
	opened []backend.Config
	reads  []Read
	logins []string
	probes int
	listed int
	sought int
	closed int
}

// Read is a recorded read.
type Read struct {
	// Identity is the namespace whose identity read.
	Identity string
	// Ref is what was read.
	Ref backend.EntryRef
}

// New returns an empty Provider.
func New(o Options) *Provider {
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	p := &Provider{clock: o.Clock, unversioned: o.Unversioned}
	p.Reset()
	return p
}

// Reset removes all entries, scripted behaviour and records, and lets hanging reads go on.
func (p *Provider) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release()
	p.gone = false
	p.entries = map[string]*entry{}
	p.denied, p.strange = map[string]bool{}, map[string]bool{}
	p.failures, p.next, p.openErr = map[string]error{}, nil, nil
	p.calls = calls{}
}

// Capabilities are those of each of its backends.
func (p *Provider) Capabilities() backend.Capabilities {
	return backend.Capabilities{backend.ContainerProof, backend.Listing, backend.TypedValues}
}

// Open returns a Backend under the identity of cfg.IdentityNamespace.
func (p *Provider) Open(cfg backend.Config) (backend.Backend, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls.opened = append(p.calls.opened, cfg)
	if p.openErr != nil {
		return nil, p.openErr
	}
	return &Backend{provider: p, identity: cfg.IdentityNamespace}, nil
}

// Opened returns the configurations that were opened, in order.
func (p *Provider) Opened() []backend.Config {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls.opened)
}

// Reads returns the reads, in the order in which they began.
func (p *Provider) Reads() []Read {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls.reads)
}

// ReadsOf returns how often a path was read, at whatever version.
func (p *Provider) ReadsOf(path string) int {
	n := 0
	for _, r := range p.Reads() {
		if r.Ref.Path() == path {
			n++
		}
	}
	return n
}

// Logins returns the identities that logged in, in order.
func (p *Provider) Logins() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls.logins)
}

// Probes returns how often backends were probed.
func (p *Provider) Probes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls.probes
}

// Listed returns how often the versions of an entry were listed.
func (p *Provider) Listed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls.listed
}

// Closed returns how many backends were closed.
func (p *Provider) Closed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls.closed
}

// wait holds a call while the Provider hangs, or until ctx ends.
func (p *Provider) wait(ctx context.Context) error {
	p.mu.Lock()
	hanging := p.hanging
	p.mu.Unlock()
	if hanging == nil {
		return ctx.Err()
	}
	select {
	case <-hanging:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
