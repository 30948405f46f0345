// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestSubscribeAgain(t *testing.T) {
	cases := map[string]struct {
		edit   func(w *world, s *Subscription)
		reads  int
		anew   bool
		reason string
	}{
		"Same":       {edit: func(*world, *Subscription) {}, reason: "nothing changed"},
		"OtherEpoch": {edit: func(_ *world, s *Subscription) { s.Epoch = "2" }, anew: true, reads: 1, reason: "starts anew, with the value"},
		"OtherWants": {
			edit: func(w *world, s *Subscription) { s.Wants = append(s.Wants, w.subscription("b").Wants...) },
			anew: true, reads: 2, reason: "an epoch that was forgotten shows in the wants",
		},
		"OtherVersion": {
			edit: func(w *world, s *Subscription) {
				pinned, err := backend.ParseRef("a", "1")
				if err != nil {
					w.Fatal(err)
				}
				s.Wants[0].Ref = pinned
			},
			anew: true, reads: 1, reason: "a pinned version is another entry",
		},
		"OtherInterval": {edit: func(_ *world, s *Subscription) { s.Interval = time.Hour }, reason: "paces, and is no news"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.write("a", "1")
				w.stub.write("b", "2")
				id := name("ns", "s")
				s := w.subscription("a")
				w.subscribe(id, s)
				before := w.stub.readsOf("a")
				tc.edit(w, &s)
				w.Subscribe(id, s)
				w.pass(time.Millisecond)
				got, anew := w.Peek(id)
				if anew != tc.anew || (anew && (!got.Changed || got.Epoch != s.Epoch || values(got)[0] != "1")) {
					w.Errorf("snapshot %t: %+v, want %t: %s", anew, got, tc.anew, tc.reason)
				}
				if reads := w.stub.readsOf("a") - before; reads != tc.reads {
					w.Errorf("%d reads, want %d: %s", reads, tc.reads, tc.reason)
				}
				if w.stub.opens() != 1 || w.stub.closes() != 0 {
					w.Errorf("opened %d times and closed %d times, want one login kept", w.stub.opens(), w.stub.closes())
				}
			})
		})
	}
}

func TestSubscribeUnchangedAllocatesNothing(t *testing.T) {
	p := New(Options{})
	s := Subscription{Epoch: "1", Interval: interval}
	for _, path := range []string{"a", "b", "c"} {
		s.Wants = append(s.Wants, Want{Source: Source{Backend: "b", Identity: "i", Open: newStub().open}, Ref: ref(t, path)})
	}
	id := name("ns", "s")
	p.Subscribe(id, s)
	if got := testing.AllocsPerRun(100, func() { p.Subscribe(id, s) }); got > 0 {
		t.Errorf("%v allocations", got)
	}
}

func TestShortestIntervalWins(t *testing.T) {
	cases := map[string]struct {
		intervals []time.Duration
		least     time.Duration
		want      time.Duration // between two reads; 0 is never
	}{
		"Shortest":    {intervals: []time.Duration{time.Minute, 10 * time.Second, time.Hour}, want: 10 * time.Second},
		"LeastOfAll":  {intervals: []time.Duration{time.Second}, least: 20 * time.Second, want: 20 * time.Second},
		"ZeroIsNone":  {intervals: []time.Duration{0, time.Minute}, want: time.Minute},
		"OnlyRequest": {intervals: []time.Duration{0, 0}, want: 0},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.limits.MinInterval = tc.least
				w.stub.write("a", "1")
				for i, every := range tc.intervals {
					s := w.subscription("a")
					s.Interval = every
					w.subscribe(name("ns", nsOf(i)), s)
				}
				w.pass(2 * time.Hour)
				want := 0
				if tc.want > 0 {
					want = int(2 * time.Hour / tc.want)
				}
				// First reads: one for each subscriber, as each took its value before the next came.
				if got := w.stub.readsOf("a") - len(tc.intervals); got < want-1 || got > want+1 {
					w.Errorf("%d reads in two hours, want %d", got, want)
				}
			})
		})
	}
}

func TestIntervalChangesWithSubscribersAndLimits(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		rate := func() int {
			before := w.stub.readsOf("a")
			w.pass(10 * time.Minute)
			return w.stub.readsOf("a") - before
		}
		slow, fast := name("ns", "slow"), name("ns", "fast")
		s := w.subscription("a")
		s.Interval = time.Minute
		w.subscribe(slow, s)
		if got := rate(); got != 10 {
			w.Errorf("%d reads at one minute", got)
		}
		s.Interval = 10 * time.Second
		w.subscribe(fast, s)
		if got := rate(); got < 59 || got > 61 {
			w.Errorf("%d reads at ten seconds", got)
		}
		w.limits.MinInterval = 30 * time.Second
		s = w.subscription("a")
		s.Interval = 10 * time.Second
		w.Subscribe(fast, s)
		if got := rate(); got < 20 || got > 21 {
			w.Errorf("%d reads when the backend allows one in thirty seconds", got)
		}
		w.Unsubscribe(fast)
		if got := rate(); got < 10 || got > 11 {
			w.Errorf("%d reads after the fast one left", got)
		}
	})
}

func TestSourcesOpenLateAndCloseWithTheLastSubscriber(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		w.stub.change(func() { w.stub.latency = time.Second })
		if w.stub.opens() != 0 {
			w.Error("opened before anybody wanted anything")
		}
		one, two := name("ns", "1"), name("ns", "2")
		w.Subscribe(one, w.subscription("a"))
		w.Subscribe(two, w.subscription("b"))
		w.pass(3 * time.Second)
		w.Unsubscribe(one)
		w.pass(time.Second)
		if w.stub.opens() != 1 || w.stub.closes() != 0 {
			w.Errorf("opened %d, closed %d with one subscriber left", w.stub.opens(), w.stub.closes())
		}
		w.Refresh(two, "now")
		w.pass(time.Millisecond)
		w.Unsubscribe(two)
		w.pass(time.Millisecond)
		if w.stub.closes() != 0 {
			w.Error("closed under a read in flight")
		}
		w.pass(time.Second)
		if w.stub.closes() != 1 {
			w.Errorf("closed %d times after the last read", w.stub.closes())
		}
		w.stub.change(func() { w.stub.latency = 0 })
		w.subscribe(one, w.subscription("a"))
		if w.stub.opens() != 2 {
			w.Errorf("opened %d times after somebody came back, want anew", w.stub.opens())
		}
	})
}

func TestSourceNeverReadIsNotOpenedToBeClosed(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		s := w.subscription("a")
		s.Wants[0].Source.Limits = Limits{ReadsPerSecond: 1}
		w.Subscribe(name("ns", "1"), s)
		w.Unsubscribe(name("ns", "1"))
		w.pass(time.Second)
		if w.stub.opens() != w.stub.closes() {
			w.Errorf("opened %d, closed %d", w.stub.opens(), w.stub.closes())
		}
	})
}

func TestOpenErrorIsTheResultUntilKickOrEpoch(t *testing.T) {
	cases := map[string]func(w *world){
		"Kick": func(w *world) { w.Kick(w.source().Backend) },
		"Epoch": func(w *world) {
			s := w.subscription("a")
			s.Epoch = "2"
			w.Subscribe(name("ns", "1"), s)
		},
	}
	for n, act := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.write("a", "1")
				w.stub.write("b", "2")
				w.stub.change(func() { w.stub.openErr = fault.New(fault.InvalidSpec, "InvalidBackend", "the address is no URL") })
				w.Subscribe(name("ns", "1"), w.subscription("a"))
				w.pass(time.Hour)
				w.Subscribe(name("ns", "2"), w.subscription("b"))
				w.pass(time.Hour)
				for _, id := range []string{"1", "2"} {
					if got := w.take(name("ns", id)); !fault.Is(got.Results[0].Err, fault.InvalidSpec) {
						w.Errorf("%s: %v, want the error of Open", id, got.Results[0].Err)
					}
				}
				if w.stub.opens() != 2 || w.stub.total() != 0 {
					w.Errorf("opened %d times, want once for each newcomer, and read %d times", w.stub.opens(), w.stub.total())
				}
				w.stub.change(func() { w.stub.openErr = nil })
				act(w)
				w.pass(time.Millisecond)
				got := append(values(w.take(name("ns", "1"))), values(w.take(name("ns", "2")))...)
				if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" {
					w.Errorf("after it opens (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestNewestOpenIsUsed(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		broken := newStub()
		broken.openErr = fault.New(fault.InvalidSpec, "InvalidBackend", "the address is no URL")
		s := w.subscription("a")
		s.Wants[0].Source.Open = broken.open
		id := name("ns", "s")
		w.subscribe(id, s)
		w.stub.write("a", "1")
		s = w.subscription("a")
		s.Epoch = "2"
		if got := w.subscribe(id, s); values(got)[0] != "1" {
			w.Errorf("got %v from the corrected source", values(got))
		}
	})
}

func TestSubscribeBeforeRun(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		other := newWorld(w.TB, Options{})
		other.stub = w.stub
		id := name("ns", "s")
		other.Subscribe(id, other.subscription("a"))
		other.Refresh(id, "early")
		w.pass(time.Hour)
		if w.stub.total() != 0 {
			w.Error("read before Run")
		}
		stop := other.start()
		w.pass(time.Millisecond)
		if got := other.take(id); values(got)[0] != "1" || got.Request != "early" {
			w.Errorf("got %+v", got)
		}
		stop()
		if w.stub.closes() != 1 {
			w.Errorf("closed %d times at the end of Run", w.stub.closes())
		}
	})
}

func TestUnsubscribedIsForgotten(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		id := name("ns", "s")
		w.subscribe(id, w.subscription("a"))
		w.stub.write("a", "2")
		w.Unsubscribe(id)
		w.Unsubscribe(id)
		w.Ack(id, 1)
		w.Refresh(id, "now")
		before := w.stub.total()
		w.pass(time.Hour)
		w.nothing(id)
		if got := w.stub.total() - before; got != 0 {
			w.Errorf("%d reads for nobody", got)
		}
		if got := w.Health(w.source().Backend); got.Known || got.Entries != 0 {
			w.Errorf("health of a backend that nobody uses is %+v", got)
		}
	})
}

func TestFairnessBetweenNamespaces(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.limits = Limits{ReadsPerSecond: 10, Burst: 1}
		for i := range 2000 {
			w.stub.write("big/"+nsOf(i), "1")
			w.Subscribe(name("big", nsOf(i)), w.subscription("big/"+nsOf(i)))
		}
		w.stub.write("shared", "1")
		w.Subscribe(name("big", "shared"), w.subscription("shared"))
		w.pass(10 * time.Second)
		w.stub.write("small", "1")
		w.Subscribe(name("small", "own"), w.subscription("small"))
		w.Subscribe(name("small", "shared"), w.subscription("shared"))
		w.pass(time.Second)
		w.take(name("small", "own"))
		w.take(name("small", "shared"))
		if got := w.stub.total(); got > 10*11+2 {
			w.Errorf("%d reads in 11 seconds at 10 a second", got)
		}
		w.pass(4 * time.Minute)
		if w.stub.readsOf("big/"+nsOf(1999)) == 0 {
			w.Errorf("the big namespace starved: %d of its entries were read in %d reads", len(w.stub.readsByPath()), w.stub.total())
		}
		if w.events.seen().throttled == 0 {
			w.Error("no observer was told of throttled reads")
		}
	})
}

func TestNewcomerToAKnownEntry(t *testing.T) {
	cases := map[string]struct {
		fail   bool
		after  time.Duration
		reads  int
		reason string
	}{
		"ValueAtHand":   {after: 10 * time.Second, reads: 0, reason: "it serves while it is younger than the interval"},
		"OldValue":      {after: 2 * time.Minute, reads: 1, reason: "what nobody polled for longer is read again"},
		"FailedJustNow": {fail: true, after: 500 * time.Millisecond, reads: 0, reason: "a storm of newcomers makes no storm of reads"},
		"FailedBefore":  {fail: true, after: 3 * time.Second, reads: 1, reason: "who edits something wants to know whether it helped"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.limits.MinInterval = time.Minute
				if tc.fail {
					w.limits.MinInterval = 2 * time.Second
					w.stub.change(func() { w.stub.down = errDenied })
				}
				w.stub.write("a", "1")
				s := w.subscription("a")
				s.Interval = 0
				w.Subscribe(name("ns", "first"), s)
				w.pass(time.Millisecond)
				w.Peek(name("ns", "first")) // and no acknowledgement: the value stays at hand
				w.pass(tc.after)
				before := w.stub.total()
				got := w.subscribe(name("ns", "second"), s)
				if reads := w.stub.total() - before; reads != tc.reads {
					w.Errorf("%d reads, want %d: %s", reads, tc.reads, tc.reason)
				}
				if !got.Changed || (got.Results[0].Err != nil) != tc.fail || (!tc.fail && values(got)[0] != "1") {
					w.Errorf("got %+v", got)
				}
				if wakes := w.wakes(name("ns", "second")); wakes != tc.reads {
					w.Errorf("woken %d times, want %d: who subscribes looks at once", wakes, tc.reads)
				}
			})
		})
	}
}
