// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"strconv"

	"github.com/secretsync/secretsync/pkg/backend"
)

// restless is a backend whose every read finds a new version, until it is calmed.
type restless struct {
	*stub

	calmed bool
}

func newRestless() *restless { return &restless{stub: newStub()} }

func (r *restless) open() (backend.Backend, error) { return r, nil }

func (r *restless) calm() { r.change(func() { r.calmed = true }) }

// Read writes before it reads.
func (r *restless) Read(ctx context.Context, ref backend.EntryRef) (backend.Entry, error) {
	r.mu.Lock()
	calmed, n := r.calmed, r.reads[ref.Path()]
	r.mu.Unlock()
	if !calmed {
		r.write(ref.Path(), strconv.Itoa(n))
	}
	return r.stub.Read(ctx, ref)
}
