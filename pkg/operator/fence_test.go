// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
	clocktesting "k8s.io/utils/clock/testing"
	"pgregory.net/rapid"
)

const leaseTime = 15 * time.Second

// lock is a lease that a test makes fail, or slow.
type lock struct {
	resourcelock.Interface

	fail  error
	write func()
}

func (l *lock) Identity() string { return "me" }

func (l *lock) Create(context.Context, resourcelock.LeaderElectionRecord) error { return l.done() }

func (l *lock) Update(context.Context, resourcelock.LeaderElectionRecord) error { return l.done() }

func (l *lock) done() error {
	if l.write != nil {
		l.write()
	}
	return l.fail
}

func newTestFence() (*fence, *lock, *clocktesting.FakePassiveClock) {
	l, c := &lock{}, clocktesting.NewFakePassiveClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	return newFence(l, c, leaseTime), l, c
}

func pass(c *clocktesting.FakePassiveClock, d time.Duration) { c.SetTime(c.Now().Add(d)) }

func heldBy(holder string) resourcelock.LeaderElectionRecord {
	return resourcelock.LeaderElectionRecord{HolderIdentity: holder}
}

func TestFenceHolds(t *testing.T) {
	errBoom := errors.New("boom")
	type step = func(t *testing.T, f *fence, l *lock, c *clocktesting.FakePassiveClock)
	wait := func(d time.Duration) step {
		return func(_ *testing.T, _ *fence, _ *lock, c *clocktesting.FakePassiveClock) { pass(c, d) }
	}
	renew := func(holder string, fail error) step {
		return func(t *testing.T, f *fence, l *lock, _ *clocktesting.FakePassiveClock) {
			l.fail = fail
			if err := f.Update(t.Context(), heldBy(holder)); !errors.Is(err, fail) {
				t.Errorf("Update = %v, want the lease's own error", err)
			}
		}
	}
	take := func(t *testing.T, f *fence, _ *lock, _ *clocktesting.FakePassiveClock) {
		if err := f.Create(t.Context(), heldBy("me")); err != nil {
			t.Errorf("Create = %v", err)
		}
	}
	slowly := func(_ *testing.T, _ *fence, l *lock, c *clocktesting.FakePassiveClock) {
		l.write = func() { pass(c, 14*time.Second) }
	}
	cases := map[string]struct {
		reason string
		steps  []step
		want   bool
	}{
		"NeverHeld":       {want: false},
		"Taken":           {steps: []step{take}, want: true},
		"TakenOver":       {reason: "from another replica, by an update", steps: []step{renew("me", nil)}, want: true},
		"LastMoment":      {steps: []step{take, wait(leaseTime - 1)}, want: true},
		"RunOut":          {reason: "another replica may hold it by now", steps: []step{take, wait(leaseTime)}, want: false},
		"Paused":          {reason: "a process that was frozen finds it run out before it notices", steps: []step{take, wait(time.Hour)}, want: false},
		"Renewed":         {steps: []step{take, wait(10 * time.Second), renew("me", nil), wait(10 * time.Second)}, want: true},
		"RenewalFails":    {steps: []step{take, wait(10 * time.Second), renew("me", errBoom), wait(4 * time.Second)}, want: true},
		"RenewalsFail":    {steps: []step{take, renew("me", errBoom), wait(leaseTime)}, want: false},
		"Released":        {steps: []step{take, renew("", nil)}, want: false},
		"ReleaseFails":    {reason: "it is still ours, and runs out", steps: []step{take, renew("", errBoom)}, want: true},
		"TakenAgain":      {steps: []step{take, renew("", nil), wait(time.Hour), renew("me", nil)}, want: true},
		"WrittenSlowly":   {reason: "the others count from when it was written, which is no earlier than when we began", steps: []step{slowly, take}, want: true},
		"WrittenTooLate":  {steps: []step{slowly, take, wait(time.Second)}, want: false},
		"ClockWentBehind": {reason: "a renewal from the future is a clock that was set back, and still the last one", steps: []step{wait(time.Hour), take, wait(-time.Minute)}, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			f, l, c := newTestFence()
			for _, do := range tc.steps {
				do(t, f, l, c)
			}
			if got := f.holds(); got != tc.want {
				t.Errorf("holds = %t, want %t: %s", got, tc.want, tc.reason)
			}
		})
	}
}

// TestFenceNeverHoldsLonger: whatever happens, the last renewal that succeeded was begun
// less than a lease ago.
func TestFenceNeverHoldsLonger(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, l, c := newTestFence()
		var last time.Time
		l.write = func() { pass(c, time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(rt, "writing"))) }
		rt.Repeat(map[string]func(*rapid.T){
			"Wait": func(rt *rapid.T) { pass(c, time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(rt, "wait"))) },
			"Write": func(rt *rapid.T) {
				begin, holder := c.Now(), rapid.SampledFrom([]string{"me", "me", "", "other"}).Draw(rt, "holder")
				l.fail = rapid.SampledFrom([]error{nil, nil, io.EOF}).Draw(rt, "fails")
				if f.Update(context.Background(), heldBy(holder)) != nil {
					return
				}
				if last = begin; holder != "me" {
					last = time.Time{}
				}
			},
			"": func(rt *rapid.T) {
				if want := !last.IsZero() && c.Since(last) < leaseTime; f.holds() != want {
					rt.Fatalf("holds = %t", f.holds())
				}
			},
		})
	})
}

// body tells whether a transport closed it.
type body struct {
	io.Reader

	closed atomic.Bool
}

func (b *body) Close() error {
	b.closed.Store(true)
	return nil
}

func TestFenceRefusesWrites(t *testing.T) {
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	defer server.Close()
	f, _, c := newTestFence()
	client := &http.Client{Transport: f.transport(http.DefaultTransport)}
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	ask := func(method string) (*body, error) {
		b := &body{Reader: strings.NewReader("{}")}
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL, b)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return b, err
	}
	methods := map[string]bool{
		http.MethodGet: false, http.MethodPost: true, http.MethodPut: true, http.MethodPatch: true, http.MethodDelete: true,
	}
	for state, holds := range map[string]bool{"Waiting": false, "Leading": true} {
		if holds {
			if err := f.Create(t.Context(), heldBy("me")); err != nil {
				t.Fatal(err)
			}
		} else {
			pass(c, time.Hour)
		}
		for method, writes := range methods {
			before := served.Load()
			b, err := ask(method)
			refused := errors.Is(err, errFenced)
			if refused != (writes && !holds) || refused == (served.Load() > before) {
				t.Errorf("%s, %s: %v, reached the server: %t", state, method, err, served.Load() > before)
			}
			if !b.closed.Load() {
				t.Errorf("%s, %s: the body is left open", state, method)
			}
		}
	}
}

// TestFenceRefusesWritesWithoutBody: a DELETE may have none.
func TestFenceRefusesWritesWithoutBody(t *testing.T) {
	f, _, _ := newTestFence()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/", nil)
	request.Body = nil
	response, err := f.transport(http.DefaultTransport).RoundTrip(request)
	if response != nil {
		_ = response.Body.Close()
	}
	if !errors.Is(err, errFenced) {
		t.Errorf("RoundTrip = %v, want %v", err, errFenced)
	}
}
