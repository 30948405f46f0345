// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/fault"
)

func TestSnapshotStaysUntilAcknowledged(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		id := name("ns", "s")
		w.Subscribe(id, w.subscription("a"))
		w.pass(time.Minute)
		first, _ := w.Peek(id)
		again, ok := w.Peek(id)
		if !ok || again.Seq != first.Seq || values(again)[0] != "1" {
			w.Errorf("second look shows %+v, want the same", again)
		}
		w.Ack(id, first.Seq+1)
		w.Ack(id, first.Seq-1)
		if _, ok := w.Peek(id); !ok {
			w.Error("a foreign number acknowledged it")
		}
		w.Ack(id, first.Seq)
		w.nothing(id)
		w.Ack(id, first.Seq)
	})
}

func TestNewerSnapshotReplacesOlder(t *testing.T) {
	cases := map[string]struct {
		writes      []string
		peek        bool
		want        string // "" is no snapshot
		changed     bool
		unversioned bool
		reason      string
	}{
		"Newest": {writes: []string{"2", "3"}, want: "3", changed: true, reason: "only the newest counts"},
		"Back": {
			writes: []string{"2", "1"}, unversioned: true,
			reason: "what passed before anybody looked is no news",
		},
		"BackAfterALook": {
			writes: []string{"2", "1"}, unversioned: true, peek: true, want: "1", changed: true,
			reason: "the look may have led to a write",
		},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				write := func(value string) {
					w.stub.write("a", value)
					if tc.unversioned {
						w.stub.change(func() { w.stub.entries["a"] = entryOf("", value) })
					}
				}
				write("1")
				id := name("ns", "s")
				w.subscribe(id, w.subscription("a"))
				for _, value := range tc.writes {
					write(value)
					w.pass(interval)
					if tc.peek {
						w.Peek(id)
					}
				}
				got, ok := w.Peek(id)
				if ok != (tc.want != "") || (ok && (values(got)[0] != tc.want || got.Changed != tc.changed)) {
					w.Errorf("snapshot %t: %v, changed %t; want %q: %s", ok, values(got), got.Changed, tc.want, tc.reason)
				}
			})
		})
	}
}

func TestRefresh(t *testing.T) {
	cases := map[string]struct {
		act     func(w *world, id types.NamespacedName)
		reads   int
		changed bool
		request string
		reason  string
	}{
		"Unchanged": {
			act:   func(w *world, id types.NamespacedName) { w.Refresh(id, "r1") },
			reads: 1, request: "r1", reason: "it is answered though nothing is new",
		},
		"Changed": {
			act:   func(w *world, id types.NamespacedName) { w.stub.write("a", "2"); w.Refresh(id, "r1") },
			reads: 1, request: "r1", changed: true, reason: "it sees what is there now",
		},
		"Twice": {
			act: func(w *world, id types.NamespacedName) {
				w.Refresh(id, "r1")
				w.Refresh(id, "r1")
				w.pass(time.Millisecond)
				w.Refresh(id, "r1")
			},
			reads: 1, request: "r1", reason: "the same text before the acknowledgement is the same request",
		},
		"Overtaken": {
			act: func(w *world, id types.NamespacedName) {
				w.stub.change(func() { w.stub.latency = time.Second })
				w.Refresh(id, "r1")
				w.pass(time.Millisecond)
				w.stub.write("a", "2")
				w.Refresh(id, "r2")
				w.pass(3 * time.Second)
			},
			reads: 2, request: "r2", changed: true, reason: "a read that started before the request does not answer it",
		},
		"Replaced": {
			act: func(w *world, id types.NamespacedName) {
				w.Refresh(id, "r1")
				w.pass(time.Millisecond)
				w.stub.write("a", "2")
				w.pass(interval)
			},
			reads: 2, request: "r1", changed: true, reason: "the newer snapshot answers too",
		},
		"Empty": {
			act:   func(w *world, id types.NamespacedName) { w.Refresh(id, "") },
			reads: 0, reason: "is no request",
		},
		"Epoch": {
			act: func(w *world, id types.NamespacedName) {
				w.stub.change(func() { w.stub.latency = time.Second })
				w.Refresh(id, "r1")
				w.pass(time.Millisecond)
				s := w.subscription("a")
				s.Epoch = "2"
				w.Subscribe(id, s)
				w.pass(3 * time.Second)
			},
			reads: 2, request: "r1", changed: true, reason: "a request outlives an edit",
		},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.write("a", "1")
				id := name("ns", "s")
				w.subscribe(id, w.subscription("a"))
				before := w.stub.readsOf("a")
				tc.act(w, id)
				w.pass(time.Millisecond)
				got, ok := w.Peek(id)
				if ok != (tc.request != "") || got.Request != tc.request || got.Changed != tc.changed {
					w.Errorf("snapshot %t of %q, changed %t; want %q, %t: %s", ok, got.Request, got.Changed, tc.request, tc.changed, tc.reason)
				}
				if ok && values(got)[0] == "" {
					w.Error("a good snapshot comes with its values")
				}
				if reads := w.stub.readsOf("a") - before; reads != tc.reads {
					w.Errorf("%d reads, want %d: %s", reads, tc.reads, tc.reason)
				}
			})
		})
	}
}

func TestRefreshIsAnsweredDuringAnOutage(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		for i := range 6 {
			w.stub.write("p"+nsOf(i), "1")
			w.subscribe(name("ns", nsOf(i)), w.subscription("p"+nsOf(i)))
		}
		w.stub.change(func() { w.stub.down = errUnavailable })
		w.pass(10 * interval)
		id := name("ns", nsOf(0))
		w.take(id)
		w.Refresh(id, "r1")
		w.pass(time.Millisecond)
		if got := w.take(id); got.Request != "r1" || !fault.Is(got.Results[0].Err, fault.Unavailable) {
			w.Errorf("got %+v, want the request answered with the failure", got)
		}
		w.Refresh(id, "r1")
		w.pass(time.Millisecond)
		if got := w.take(id); got.Request != "r1" || got.Changed {
			w.Errorf("got %+v, want the same text after the acknowledgement to be another request", got)
		}
	})
}

func TestLazySubscriberIsReadOnRequestOnly(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		id := name("ns", "s")
		s := w.subscription("a")
		s.Interval = 0
		w.subscribe(id, s)
		w.stub.write("a", "2")
		w.pass(time.Hour)
		w.nothing(id)
		w.Refresh(id, "r1")
		w.pass(time.Millisecond)
		if got := w.take(id); values(got)[0] != "2" || !got.Changed {
			w.Errorf("got %v", values(got))
		}
		w.stub.change(func() { w.stub.down = errDenied })
		w.Refresh(id, "r2")
		w.pass(time.Millisecond)
		w.take(id)
		w.stub.change(func() { w.stub.down = nil })
		w.pass(maxBackoff)
		if got := w.take(id); values(got)[0] != "2" {
			w.Errorf("got %v, want a failed request to be made up for", values(got))
		}
		before := w.stub.total()
		w.pass(time.Hour)
		if got := w.stub.total() - before; got != 0 {
			w.Errorf("%d reads after it is good again", got)
		}
	})
}

func TestWakeMayCallThePoller(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		taken := make(chan Snapshot, 1)
		inner := w.wake
		w.wake = func(id types.NamespacedName) {
			inner(id)
			if s, ok := w.Peek(id); ok {
				w.Ack(id, s.Seq)
				taken <- s
			}
		}
		w.OnHealth(func(key string) { w.Health(key) })
		w.Subscribe(name("ns", "s"), w.subscription("a"))
		if got := <-taken; values(got)[0] != "1" {
			w.Errorf("got %v", values(got))
		}
	})
}
