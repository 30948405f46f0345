// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/backend"
)

func TestHealthOfABackendThatAnswers(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		key := w.source().Backend
		if got := w.Health(key); got.Known || got.Reachable {
			w.Errorf("before any read: %+v", got)
		}
		w.stub.write("a", "1")
		w.subscribe(name("ns", "s"), w.subscription("a"))
		want := Health{
			Known: true, Reachable: true, Breaker: BreakerClosed, Entries: 1,
			Capabilities: backend.Capabilities{backend.ContainerProof, backend.Versions},
		}
		got := w.Health(key)
		if got.LastGood.IsZero() {
			w.Error("no time of the last answer")
		}
		got.LastGood = time.Time{}
		if diff := cmp.Diff(want, got); diff != "" {
			w.Errorf("after a good read (-want +got):\n%s", diff)
		}
		calls := w.announced()
		w.pass(10 * interval)
		if got := w.announced() - calls; got != 0 {
			w.Errorf("%d calls at rest", got)
		}
	})
}

func TestHealthFollowsTheBackend(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		key := w.source().Backend
		w.stub.write("a", "1")
		w.subscribe(name("ns", "s"), w.subscription("a"))
		calls := w.announced()
		w.stub.change(func() { w.stub.down = errUnavailable })
		w.pass(interval)
		if got := w.Health(key); got.Reachable || got.Reason != "Sealed" || got.Message != errUnavailable.Message || got.Failing != 1 {
			w.Errorf("the only entry is unavailable: %+v", got)
		}
		w.pass(time.Hour)
		w.stub.change(func() { w.stub.down = errDenied })
		w.pass(time.Hour)
		if got := w.Health(key); !got.Reachable || got.Reason != "" || got.Failing != 1 {
			w.Errorf("who says no is reachable: %+v", got)
		}
		if got := w.announced() - calls; got != 2 {
			w.Errorf("%d calls for two changes", got)
		}
	})
}

func TestOneUnavailableEntryOfManyIsNoOutage(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		for _, path := range []string{"a", "b", "c"} {
			w.stub.write(path, "1")
			w.subscribe(name("ns", path), w.subscription(path))
		}
		w.stub.change(func() { w.stub.fails["b"] = errUnavailable })
		calls := w.announced()
		w.pass(time.Hour)
		if got := w.Health(w.source().Backend); !got.Reachable || got.Failing != 1 || w.announced() != calls {
			w.Errorf("health is %+v after %d calls", got, w.announced()-calls)
		}
	})
}

func TestProbeOfASource(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		key := w.source().Backend
		id := name("", "ClusterSecretBackend/vault")
		probe := Subscription{Epoch: "1", Wants: []Want{{Source: w.source()}}}
		if got := w.subscribe(id, probe); got.Results[0].Err != nil {
			w.Errorf("got %v", got.Results[0].Err)
		}
		if w.stub.probes() != 1 || w.stub.total() != 0 || w.stub.opens() != 1 {
			w.Errorf("%d probes, %d reads, opened %d times; want one probe only", w.stub.probes(), w.stub.total(), w.stub.opens())
		}
		if got := w.Health(key); !got.Reachable || got.Entries != 0 {
			w.Errorf("health is %+v", got)
		}
		w.stub.change(func() { w.stub.down = errUnavailable })
		w.Refresh(id, "again")
		w.pass(time.Millisecond)
		if got := w.take(id); got.Request != "again" || !errors.Is(got.Results[0].Err, errUnavailable) {
			w.Errorf("got %+v", got)
		}
		if got := w.Health(key); got.Reachable || got.Failing != 0 {
			w.Errorf("health is %+v", got)
		}
	})
}

func TestProbesAreNoEntriesOfTheBackend(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.subscribe(name("", "probe"), Subscription{Epoch: "1", Wants: []Want{{Source: w.source()}}})
		w.stub.write("a", "1")
		w.subscribe(name("ns", "s"), w.subscription("a"))
		w.stub.change(func() { w.stub.down = errUnavailable })
		w.pass(interval)
		if got := w.Health(w.source().Backend); got.Reachable {
			w.Errorf("health is %+v, though its only entry is unavailable", got)
		}
	})
}
