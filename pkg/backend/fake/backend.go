// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fake

import (
	"context"
	"regexp"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

var (
	_ backend.Backend         = &Backend{}
	_ backend.ContainerProver = &Backend{}
	_ backend.VersionLister   = &Backend{}
)

var number = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)

// Backend reads a Provider's entries under one identity.
type Backend struct {
	provider *Provider
	identity string
	// loggedIn and closed are guarded by the provider's mutex.
	loggedIn, closed bool
}

// Read returns the entry at ref, or what the Provider was told to fail with.
func (b *Backend) Read(ctx context.Context, ref backend.EntryRef) (backend.Entry, error) {
	if ref.Version() != "" && !number.MatchString(ref.Version()) {
		return backend.Entry{}, fault.New(fault.InvalidSpec, "InvalidVersion", "version %q: versions are positive whole numbers", ref.Version())
	}
	if ref.Version() != "" && b.provider.unversioned {
		return backend.Entry{}, fault.New(fault.InvalidSpec, "VersionUnsupported", "there are no versions: remove the version from %q", ref.Path())
	}
	p := b.provider
	p.mu.Lock()
	p.calls.reads = append(p.calls.reads, Read{Identity: b.identity, Ref: ref})
	p.mu.Unlock()
	if err := p.wait(ctx); err != nil {
		return backend.Entry{}, cancelled(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := b.enter(ref.Path()); err != nil {
		return backend.Entry{}, err
	}
	if p.denied[ref.Path()] {
		return backend.Entry{}, fault.New(fault.Denied, "PermissionDenied", "%q may not read %q", b.identity, ref.Path())
	}
	return p.lookup(ref)
}

// Probe succeeds unless the Provider was told to fail or to reject the identity.
func (b *Backend) Probe(ctx context.Context) error {
	p := b.provider
	p.mu.Lock()
	p.calls.probes++
	p.mu.Unlock()
	return b.touch(ctx)
}

// ProveContainer succeeds while the mount is there.
func (b *Backend) ProveContainer(ctx context.Context, _ backend.EntryRef) error { return b.touch(ctx) }

// ListVersions returns the versions of an entry that are not destroyed.
func (b *Backend) ListVersions(ctx context.Context, ref backend.EntryRef) ([]string, error) {
	if err := b.touch(ctx); err != nil {
		return nil, err
	}
	b.provider.mu.Lock()
	defer b.provider.mu.Unlock()
	b.provider.calls.listed++
	var names []string
	if b.provider.unversioned {
		return nil, fault.New(fault.InvalidSpec, "VersionUnsupported", "there are no versions")
	}
	if e := b.provider.entries[ref.Path()]; e != nil {
		names = e.names(func(v version) bool { return !v.destroyed })
	}
	return names, nil
}

// Capabilities says what the Provider was made with.
func (b *Backend) Capabilities() backend.Capabilities {
	if b.provider.unversioned {
		return b.provider.Capabilities()
	}
	return append(b.provider.Capabilities(), backend.Versions)
}

// Close makes later calls fail.
func (b *Backend) Close(context.Context) error {
	b.provider.mu.Lock()
	defer b.provider.mu.Unlock()
	if !b.closed {
		b.closed = true
		b.provider.calls.closed++
	}
	return nil
}

// touch is a call that reads no entry.
func (b *Backend) touch(ctx context.Context) error {
	if err := b.provider.wait(ctx); err != nil {
		return cancelled(err)
	}
	b.provider.mu.Lock()
	defer b.provider.mu.Unlock()
	return b.enter("")
}

// enter logs in if need be and returns what stands in the way of a call; the provider's
// mutex is held.
func (b *Backend) enter(path string) error {
	p := b.provider
	if b.closed {
		return fault.New(fault.Unavailable, "Closed", "the backend was closed")
	}
	if p.strange[b.identity] {
		return fault.New(fault.Denied, "LoginDenied", "the identity %q is not accepted", b.identity)
	}
	if !b.loggedIn {
		b.loggedIn = true
		p.calls.logins = append(p.calls.logins, b.identity)
	}
	err := p.failures[""]
	if path != "" {
		err = p.scripted(path)
	}
	if err == nil && p.gone {
		return fault.New(fault.NotFound, backend.ReasonMountNotFound, "the mount does not exist")
	}
	return err
}

func cancelled(err error) error {
	return fault.New(fault.Unavailable, "Cancelled", "the request was given up").Because(err)
}
