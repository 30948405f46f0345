// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fake

import (
	"context"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

var _ backend.FolderLister = &Backend{}

// ListFolder names the entries below a folder, those included whose newest version is deleted.
// A folder without any does not exist, and is empty. What the Provider was told to fail with,
// or to deny, at the folder's path is what listing it fails with.
func (b *Backend) ListFolder(ctx context.Context, ref backend.EntryRef, recursive bool) (backend.FolderListing, error) {
	p := b.provider
	if err := p.wait(ctx); err != nil {
		return backend.FolderListing{}, cancelled(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls.sought++
	if err := b.enter(ref.Path()); err != nil {
		return backend.FolderListing{}, err
	}
	if p.denied[ref.Path()] {
		return backend.FolderListing{}, fault.New(fault.Denied, "PermissionDenied", "%q may not list %q", b.identity, ref.Path())
	}
	listing := backend.FolderListing{Requests: 1}
	for path := range p.entries {
		name, inside := strings.CutPrefix(path, ref.Path()+"/")
		if ref.IsRoot() {
			name, inside = path, true
		}
		depth := strings.Count(name, "/")
		switch {
		case !inside || depth > 0 && !recursive:
		case depth >= backend.MaxFolderDepth || len(listing.Names) == backend.MaxFolderEntries:
			return backend.FolderListing{}, backend.FolderTooLarge(ref, "the bounds")
		default:
			listing.Names = append(listing.Names, name)
		}
	}
	slices.Sort(listing.Names)
	return listing, nil
}

// Sought returns how often a folder was listed.
func (p *Provider) Sought() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls.sought
}
