// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// census says when the versions of an entry are listed beside a read: when it changed or
// vanished since the read before, and on request. In a backend at rest that is never.
type census struct {
	before mark // what the last good read found; zero if there was none
	asked  bool // a refresh was requested
}

func (e *entry) census() census {
	c := census{before: e.good.mark}
	for _, l := range e.links {
		c.asked = c.asked || l.sub.request != ""
	}
	return c
}

// due reports whether out is a reason to list the versions.
func (c census) due(out outcome) bool {
	known := c.before != mark{}
	switch {
	case out.err == nil:
		return c.asked || known && out.mark != c.before
	case fault.Is(out.err, fault.NotFound):
		return c.asked || known
	default:
		return false
	}
}

// list returns the versions of the entry that was read, if that is due and the backend
// tells; nil if it is not known. The read is as good without.
func (p *Poller) list(ctx context.Context, j job, b backend.Backend, out outcome) []string {
	lister, ok := b.(backend.VersionLister)
	if !ok || j.entry.probes() || !b.Capabilities().Has(backend.Versions) || !j.census.due(out) {
		return nil
	}
	versions, err := observed(ctx, p, j, OperationList, func(ctx context.Context) ([]string, error) {
		return lister.ListVersions(ctx, j.entry.ref)
	})
	switch {
	case err != nil:
		return nil
	case versions == nil:
		return []string{}
	default:
		return versions
	}
}
