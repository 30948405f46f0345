// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/utils/clock"
)

// errFenced is the error of a write that a replica tries whose lease has run out.
var errFenced = errors.New("this replica's lease has run out: it writes nothing")

// fence stops the writes of a leader whose lease ran out while it was paused or cut off,
// in the moments before it notices. It wraps the lock to learn of renewals and the
// transport to refuse writes.
type fence struct {
	resourcelock.Interface

	clock    clock.PassiveClock
	duration time.Duration
	renewed  atomic.Pointer[time.Time] // nil while the lease is not ours
}

func newFence(lock resourcelock.Interface, c clock.PassiveClock, duration time.Duration) *fence {
	return &fence{Interface: lock, clock: c, duration: duration}
}

// Create takes the lease.
func (f *fence) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return f.note(record, func() error { return f.Interface.Create(ctx, record) })
}

// Update renews or takes over the lease, or gives it back.
func (f *fence) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return f.note(record, func() error { return f.Interface.Update(ctx, record) })
}

// note counts the lease from before it was written, so that it never ends late.
func (f *fence) note(record resourcelock.LeaderElectionRecord, write func() error) error {
	before := f.clock.Now()
	if err := write(); err != nil {
		return fmt.Errorf("writing the lease: %w", err)
	}
	if record.HolderIdentity == f.Identity() {
		f.renewed.Store(&before)
	} else {
		f.renewed.Store(nil)
	}
	return nil
}

// holds reports whether the lease is ours now.
func (f *fence) holds() bool {
	renewed := f.renewed.Load()
	return renewed != nil && f.clock.Since(*renewed) < f.duration
}

// transport returns next with writes refused while the lease is not ours.
func (f *fence) transport(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		if request.Method != http.MethodGet && !f.holds() {
			if request.Body != nil {
				_ = request.Body.Close() // a transport closes the body whatever happens
			}
			return nil, errFenced
		}
		return next.RoundTrip(request)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls f.
func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
