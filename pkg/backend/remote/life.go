// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"sync"

	"golang.org/x/sync/singleflight"
)

// Life is how long an identity lives, with the work that is done in its name. The work runs
// apart from the requests that wait for it, so that one that is cancelled fails no other.
type Life struct {
	// ctx ends with Close, and with it all work: that which nobody waits for, and that of
	// logins, which must survive whoever asked first.
	ctx    context.Context //nolint:containedctx // See above.
	end    context.CancelFunc
	work   sync.WaitGroup
	flight singleflight.Group

	mu     sync.Mutex
	closed bool
}

// NewLife begins a life.
func NewLife() *Life {
	ctx, end := context.WithCancel(context.Background()) //nolint:forbidigo // It outlives its callers: see Life.ctx.
	return &Life{ctx: ctx, end: end}
}

// Shared runs work once for all who ask for it under the same key meanwhile. The work ends
// with the life, not with one of those who wait.
func Shared[T any](ctx context.Context, l *Life, key string, work func(context.Context) (T, error)) (T, error) {
	var none T
	if ctx.Err() != nil {
		return none, Cancelled(ctx)
	}
	results := l.flight.DoChan(key, func() (any, error) {
		if !l.enter() {
			return nil, closed()
		}
		defer l.work.Done()
		value, err := work(l.ctx)
		if err != nil && l.ctx.Err() != nil {
			return nil, closed()
		}
		return value, err
	})
	select {
	case <-ctx.Done():
		if l.ctx.Err() != nil {
			return none, closed()
		}
		return none, Cancelled(ctx)
	case result := <-results:
		if result.Err != nil {
			return none, result.Err
		}
		value, ok := result.Val.(T)
		if !ok {
			return none, closed()
		}
		return value, nil
	}
}

// Go runs work that nobody waits for, until it ends by itself or its context does. It
// reports whether it did: not after Close.
func (l *Life) Go(work func(context.Context)) bool {
	if !l.enter() {
		return false
	}
	go func() {
		defer l.work.Done()
		work(l.ctx)
	}()
	return true
}

// enter counts one more piece of work, unless the life is over.
func (l *Life) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.work.Add(1)
	return true
}

// Close ends all work and waits for its end. Errors: Unavailable, if ctx ended first.
func (l *Life) Close(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.end()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.work.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return Cancelled(ctx)
	}
}

func closed() error { return Unavailable(ReasonClosed, "the backend was closed") }
