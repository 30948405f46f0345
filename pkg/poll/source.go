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
	entries  map[wanted]*entry
	inFlight int
	opening  *opening
	// pausedUntil is when the silence is over that the backend asked this identity for. It is
	// not the whole backend's, unless the backend's error says so: quotas count by role or by
	// token, and one tenant that uses its own up must not silence the others.
	pausedUntil time.Duration
	openErr     error // why opening failed
	reopened    bool  // opening is tried again, by one read for all
}

// silentUntil is when the silence is over that the backend asked this identity or everybody for.
func (s *source) silentUntil() time.Duration { return max(s.pausedUntil, s.up.pausedUntil) }

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

// reopen has the next read open a source again that could not be opened. Its other
// entries are read when that works.
func (s *source) reopen(open func() (backend.Backend, error)) {
	if s.openErr != nil {
		s.opening, s.openErr, s.reopened = &opening{open: open}, nil, true
	}
}

// noteOpening learns from the end of a read whether the source can be opened.
func (p *Poller) noteOpening(j job, out outcome) {
	s := j.entry.src
	if j.opening != s.opening {
		return
	}
	if out.openErr {
		s.openErr, s.reopened = out.err, false
		return
	}
	if !s.reopened {
		return
	}
	s.reopened = false
	for _, e := range s.entries {
		if e.err != nil && e != j.entry {
			p.retry(e)
		}
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
