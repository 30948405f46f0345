// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
)

// interval is what the tests' subscribers poll with unless a test is about intervals.
const interval = 15 * time.Second

// world is a running poller with one stub backend, inside a synctest bubble: its clock
// is the bubble's, so time passes only when everybody waits for it.
type world struct {
	*Poller
	testing.TB

	stub   *stub
	limits Limits

	mu     sync.Mutex
	woken  map[types.NamespacedName]int
	health int // calls of the listener
	events events
}

// inWorld runs f with a running poller.
func inWorld(t *testing.T, o Options, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, o)
		defer w.start()()
		f(w)
	})
}

func newWorld(tb testing.TB, o Options) *world {
	tb.Helper()
	w := &world{TB: tb, stub: newStub(), woken: map[types.NamespacedName]int{}}
	o.Clock = clock.RealClock{}
	o.Wake = func(id types.NamespacedName) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.woken[id]++
	}
	o.Observer = &w.events
	w.Poller = New(o)
	w.OnHealth(func(string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.health++
	})
	return w
}

// start runs the poller and returns how to stop it.
func (w *world) start() (stop func()) {
	ctx, cancel := context.WithCancel(w.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("Run ended with %v", err)
		}
	}
}

// pass lets time pass until everybody waits.
func (w *world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func name(namespace, n string) types.NamespacedName {
	return types.NamespacedName{Namespace: namespace, Name: n}
}

// source is the stub under one identity.
func (w *world) source() Source {
	return Source{Backend: "ClusterSecretBackend/vault", Identity: "app", Limits: w.limits, Open: w.stub.open}
}

// subscription wants paths of the world's source.
func (w *world) subscription(paths ...string) Subscription {
	s := Subscription{Epoch: "1", Interval: interval}
	for _, path := range paths {
		s.Wants = append(s.Wants, Want{Source: w.source(), Ref: ref(w.TB, path)})
	}
	return s
}

// wakes returns how often a subscriber was woken.
func (w *world) wakes(id types.NamespacedName) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.woken[id]
}

// announced returns how often the health listener was called.
func (w *world) announced() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.health
}

// take peeks and acknowledges; there must be a snapshot.
func (w *world) take(id types.NamespacedName) Snapshot {
	w.Helper()
	snapshot, ok := w.Peek(id)
	if !ok {
		w.Fatalf("%s has no snapshot", id)
	}
	w.Ack(id, snapshot.Seq)
	return snapshot
}

// nothing fails if there is a snapshot.
func (w *world) nothing(id types.NamespacedName) {
	w.Helper()
	if snapshot, ok := w.Peek(id); ok {
		w.Fatalf("%s has a snapshot though nothing is new: %+v", id, snapshot)
	}
}

// subscribe subscribes, waits for the first snapshot and takes it.
func (w *world) subscribe(id types.NamespacedName, s Subscription) Snapshot {
	w.Helper()
	w.Subscribe(id, s)
	w.pass(time.Millisecond)
	return w.take(id)
}

// sourceOf is another stub as a backend of its own.
func (w *world) sourceOf(key string, s *stub) Source {
	return Source{Backend: key, Identity: "app", Limits: w.limits, Open: s.open}
}

// values returns the one field of each result, or its error.
func values(s Snapshot) []string {
	var all []string
	for _, r := range s.Results {
		if r.Err != nil {
			all = append(all, r.Err.Error())
			continue
		}
		all = append(all, string(r.Entry.Fields["value"].Reveal()))
	}
	return all
}

// heldBytes returns how many bytes of values the poller keeps.
func (w *world) heldBytes() int64 {
	w.lock()
	defer w.unlock()
	return w.held
}
