// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"sync"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
)

// closeTimeout bounds how long closing a backend (revoking its login) may take.
const closeTimeout = 5 * time.Second

// source is a backend under one identity, with the entries wanted from it.
type source struct {
	up       *upstream
	identity string
	entries  map[backend.EntryRef]*entry
	inFlight int
	opening  *opening
	openErr  error // why opening failed
}

// opening is one try to open a backend; another try is another opening.
type opening struct {
	once    sync.Once
	open    func() (backend.Backend, error)
	backend backend.Backend
	err     error
}

// get returns the backend, opening it when first needed.
func (o *opening) get() (backend.Backend, error) {
	o.once.Do(func() { o.backend, o.err = o.open() })
	return o.backend, o.err
}

// close closes the backend if it was opened. It is called when no read is in flight any
// more, and works though ctx has ended.
func (o *opening) close(ctx context.Context) {
	o.once.Do(func() {})
	if o.backend == nil || o.err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = o.backend.Close(ctx) // what could not be revoked expires by itself
}

// retryOpen has a source opened again that could not be.
func (p *Poller) retryOpen(s *source, open func() (backend.Backend, error)) {
	if s.openErr == nil {
		return
	}
	s.opening, s.openErr = &opening{open: open}, nil
	for _, e := range s.entries {
		p.retry(e)
	}
}

// discard forgets a source without entries once its reads have ended, and its upstream
// with the last source.
func (p *Poller) discard(s *source) {
	if len(s.entries) > 0 {
		return
	}
	u := s.up
	if u.sources[s.identity] == s {
		delete(u.sources, s.identity)
	}
	if len(u.sources) == 0 && p.upstreams[u.key] == u {
		delete(p.upstreams, u.key)
		p.alarms.clear(&u.alarm)
	}
	if s.inFlight == 0 {
		p.idle = append(p.idle, s.opening)
	}
}
