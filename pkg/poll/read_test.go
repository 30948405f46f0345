// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/fault"
)

func TestFailingEntryBacksOff(t *testing.T) {
	cases := map[string]struct {
		err      error
		interval time.Duration
		want     []time.Duration // pauses between the reads, from the first failure on
	}{
		"Doubling": {
			err: errDenied, interval: 15 * time.Second,
			want: []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute},
		},
		"NeverMoreOftenThanHealthy": {
			err: errDenied, interval: 20 * time.Minute,
			want: []time.Duration{20 * time.Minute, 20 * time.Minute, 20 * time.Minute},
		},
		"RetryAfterIsLonger": {
			err: fault.New(fault.Unavailable, "Sealed", "sealed").After(2 * time.Minute), interval: 15 * time.Second,
			want: []time.Duration{2 * time.Minute, 2 * time.Minute},
		},
		"RetryAfterIsShorter": {
			err: fault.New(fault.Throttled, "Throttled", "slow down").After(2 * time.Second), interval: 15 * time.Second,
			want: []time.Duration{15 * time.Second, 30 * time.Second},
		},
		"RetryAfterIsNonsense": {
			err: fault.New(fault.Unavailable, "Sealed", "sealed").After(1000 * time.Hour), interval: 15 * time.Second,
			want: []time.Duration{time.Hour, time.Hour},
		},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.change(func() { w.stub.down = tc.err })
				s := w.subscription("a")
				s.Interval = tc.interval
				w.Subscribe(name("ns", "s"), s)
				w.pass(3 * time.Hour)
				starts := w.stub.startsOf("a")
				var got []time.Duration
				for i := range tc.want {
					got = append(got, starts[i+1].Sub(starts[i]))
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					w.Errorf("pauses (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAnAnswerEndsTheBackoffOfOthers(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		rare := w.subscription("rare")
		rare.Interval = 0
		w.stub.write("rare", "1")
		w.stub.write("a", "1")
		w.subscribe(name("ns", "rare"), rare)
		w.subscribe(name("ns", "a"), w.subscription("a"))
		w.stub.change(func() { w.stub.down = errUnavailable })
		w.pass(interval + 7*interval + time.Second) // failed four times, next in two minutes
		if len(w.events.seen().breaker) > 0 {
			w.Fatal("this test is about an outage that opens no breaker")
		}
		w.take(name("ns", "a"))
		w.stub.change(func() { w.stub.down = nil })
		w.Refresh(name("ns", "rare"), "now")
		w.pass(interval)
		if got := w.take(name("ns", "a")); values(got)[0] != "1" {
			w.Errorf("got %v one interval after another entry was answered", values(got))
		}
	})
}

func TestRetryAfterHoldsForARequestToo(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.change(func() { w.stub.down = fault.New(fault.Unavailable, "Sealed", "sealed").After(2 * time.Minute) })
		id := name("ns", "s")
		w.subscribe(id, w.subscription("a"))
		w.Refresh(id, "now")
		w.pass(time.Minute)
		if got := w.take(id); got.Request != "now" || got.Changed {
			w.Errorf("got %+v, want the request answered with what is known", got)
		}
		if got := w.stub.total(); got != 1 {
			w.Errorf("%d reads, want the second after two minutes", got)
		}
	})
}

func TestAnEntryThatFailsAloneBacksOffThoughOthersAnswer(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		for _, path := range []string{"a", "b", "c"} {
			w.stub.write(path, "1")
			w.subscribe(name("ns", path), w.subscription(path))
		}
		w.stub.change(func() { w.stub.fails["b"] = errUnavailable })
		w.pass(interval)
		before := w.stub.readsOf("b")
		w.pass(20 * time.Minute)
		if got := w.stub.readsOf("b") - before; got > 9 {
			w.Errorf("%d reads in 20 minutes, want a backoff to five minutes", got)
		}
	})
}

func TestThrottledBackendIsLeftAlone(t *testing.T) {
	cases := map[string]struct {
		hint   time.Duration
		told   bool
		reason string
	}{
		"Short": {hint: 5 * time.Second, told: false, reason: "less than an interval late is nothing to tell"},
		"Long":  {hint: 2 * time.Minute, told: true, reason: "what cannot be read for longer is failing"},
		"None":  {hint: 0, told: false, reason: "a second without a hint"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				for i := range 50 {
					path := "p" + nsOf(i)
					w.stub.write(path, "1")
					w.subscribe(name("ns", path), w.subscription(path))
				}
				culprit := name("ns", "p"+nsOf(0))
				w.stub.change(func() {
					w.stub.fails["p"+nsOf(0)] = fault.New(fault.Throttled, "RateLimited", "slow down").After(tc.hint)
				})
				w.Refresh(culprit, "now")
				w.pass(time.Millisecond)
				if got := w.take(culprit); !fault.Is(got.Results[0].Err, fault.Throttled) {
					w.Fatalf("got %v", got.Results[0].Err)
				}
				w.stub.change(func() { w.stub.fails = map[string]error{} })
				before := w.stub.total()
				w.pass(max(tc.hint, throttlePause) - 2*time.Millisecond)
				if got := w.stub.total() - before; got != 0 {
					w.Errorf("%d reads before the time was over", got)
				}
				told := 0
				for i := 1; i < 50; i++ {
					if _, ok := w.Peek(name("ns", "p"+nsOf(i))); ok {
						told++
					}
				}
				if (told > 0) != tc.told {
					w.Errorf("%d others were told: %s", told, tc.reason)
				}
				w.pass(interval + time.Second)
				for i := range 50 {
					id := name("ns", "p"+nsOf(i))
					if got, ok := w.Peek(id); ok && values(got)[0] != "1" {
						w.Errorf("%s is %v an interval after the time was over", id, values(got))
					}
				}
			})
		})
	}
}

// TestThrottledIdentityIsLeftAloneAlone: a quota of one tenant's role silences that tenant,
// and nobody who reads the same backend as somebody else; a limit that counts by address
// silences all who read the backend from here.
func TestThrottledIdentityIsLeftAloneAlone(t *testing.T) {
	slowDown := fault.New(fault.Throttled, "RateLimited", "slow down").After(2 * time.Minute)
	for what, tc := range map[string]struct {
		err error
		all bool
	}{
		"Identity": {err: slowDown},
		"All":      {err: slowDown.ToAll(), all: true},
	} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				for _, path := range []string{"spent", "innocent"} {
					w.stub.write(path, "1")
					s := w.subscription(path)
					s.Wants[0].Source.Identity = path
					w.subscribe(name(path, "db"), s)
				}
				w.stub.change(func() { w.stub.fails["spent"] = tc.err })
				w.pass(interval)
				spent, innocent := w.stub.readsOf("spent"), w.stub.readsOf("innocent")
				w.stub.write("innocent", "2")
				w.pass(interval)
				if got := w.stub.readsOf("spent") - spent; got != 0 {
					t.Errorf("%d reads by the throttled identity before the time was over", got)
				}
				if got := w.stub.readsOf("innocent") - innocent; (got == 0) != tc.all {
					t.Errorf("%d reads by the other identity while the first is throttled", got)
				}
				if got := w.take(name("innocent", "db")); !tc.all && values(got)[0] != "2" {
					t.Errorf("the other identity got %v while the first is throttled", values(got))
				}
				w.stub.change(func() { delete(w.stub.fails, "spent") })
				w.pass(2*time.Minute + interval)
				if got, told := w.Peek(name("innocent", "db")); tc.all && (!told || values(got)[0] != "2") {
					t.Errorf("the other identity got %v when the time was over", values(got))
				}
			})
		})
	}
}

// TestAPanicEndsOnlyItsRead: it is told with the place and without what was panicked with.
func TestAPanicEndsOnlyItsRead(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "hunter2")
		w.stub.change(func() { w.stub.panics = true })
		id := name("ns", "a")
		got := w.subscribe(id, w.subscription("a")).Results[0].Err
		if !fault.Is(got, fault.Internal) || !strings.Contains(got.Error(), "stub_test.go:") || strings.Contains(got.Error(), "hunter2") {
			t.Fatalf("got %v", got)
		}
		w.stub.change(func() { w.stub.panics = false })
		w.pass(interval)
		if got := w.take(id); values(got)[0] != "hunter2" {
			t.Errorf("got %v after the panic", values(got))
		}
	})
}

func TestHangingBackendHoldsUpNobodyElse(t *testing.T) {
	inWorld(t, Options{MaxInFlight: 4}, func(w *world) {
		other := newStub()
		other.write("a", "1")
		w.stub.change(func() { w.stub.hangs = true })
		for i := range 100 {
			w.Subscribe(name("ns", nsOf(i)), w.subscription("p"+nsOf(i)))
		}
		w.pass(time.Second)
		s := w.subscription()
		s.Wants = []Want{{Source: w.sourceOf("ClusterSecretBackend/other", other), Ref: ref(w.TB, "a")}}
		if got := w.subscribe(name("ns", "other"), s); values(got)[0] != "1" {
			w.Errorf("got %v from the backend that works", values(got))
		}
		w.pass(time.Minute)
		if _, most := w.stub.flying(); most > 4 {
			w.Errorf("%d reads in flight, want 4 at most", most)
		}
		for i := range 100 {
			if got := w.take(name("ns", nsOf(i))); !fault.Is(got.Results[0].Err, fault.Unavailable) {
				w.Errorf("%d: %v", i, got.Results[0].Err)
			}
		}
	})
}

func TestRunEndsReadsInFlightAndCloses(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		other := newWorld(w.TB, Options{})
		stop := other.start()
		other.stub.change(func() { other.stub.hangs = true })
		other.Subscribe(name("ns", "s"), other.subscription("a"))
		other.Subscribe(name("ns", "gone"), other.subscription("b"))
		w.pass(time.Millisecond)
		other.Unsubscribe(name("ns", "gone"))
		began := time.Now()
		stop()
		flying, _ := other.stub.flying()
		if time.Since(began) > 0 || flying > 0 || other.stub.closes() != 1 {
			w.Errorf("ended after %v with %d reads in flight, closed %d times", time.Since(began), flying, other.stub.closes())
		}
		if err := other.Run(w.Context()); err == nil {
			w.Error("a second Run is no error")
		}
		other.Subscribe(name("ns", "late"), other.subscription("a"))
		other.Unsubscribe(name("ns", "late"))
	})
}

func TestUnclassedErrorsAreClassed(t *testing.T) {
	boom := errors.New("boom")
	cases := map[string]struct {
		err    error
		class  fault.Class
		reason string
	}{
		"Classed":  {err: fmt.Errorf("reading: %w", errDenied), class: fault.Denied, reason: "keeps its class"},
		"Deadline": {err: fmt.Errorf("reading: %w", context.DeadlineExceeded), class: fault.Unavailable, reason: "is no answer"},
		"Other":    {err: boom, class: fault.Internal, reason: "is a defect"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			got := classed(tc.err)
			if !fault.Is(got, tc.class) || fault.As(got) == nil || !errors.Is(got, errors.Unwrap(tc.err)) && !errors.Is(got, tc.err) {
				t.Errorf("got %v of class %s, want %s: %s", got, fault.ClassOf(got), tc.class, tc.reason)
			}
		})
	}
	if classed(nil) != nil {
		t.Error("no error became one")
	}
}

func TestKickRetriesNow(t *testing.T) {
	cases := map[string]error{
		"Denied":      errDenied,
		"Unavailable": errUnavailable,
		"RetryAfter":  fault.New(fault.Unavailable, "Sealed", "sealed").After(time.Hour),
	}
	for n, err := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				for i := range 10 {
					w.stub.write("p"+nsOf(i), "1")
				}
				w.stub.change(func() { w.stub.down = err })
				for i := range 10 {
					w.Subscribe(name("ns", nsOf(i)), w.subscription("p"+nsOf(i)))
				}
				w.pass(20 * time.Minute)
				for i := range 10 {
					w.take(name("ns", nsOf(i)))
				}
				w.Kick("ClusterSecretBackend/none")
				w.stub.change(func() { w.stub.down = nil })
				w.Kick(w.source().Backend)
				w.pass(time.Millisecond)
				for i := range 10 {
					if got := w.take(name("ns", nsOf(i))); values(got)[0] != "1" {
						w.Errorf("%d: %v", i, values(got))
					}
				}
			})
		})
	}
}

func TestKickDoesNotReadWhatIsGood(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		w.subscribe(name("ns", "s"), w.subscription("a"))
		w.Kick(w.source().Backend)
		w.pass(time.Millisecond)
		if got := w.stub.total(); got != 1 {
			w.Errorf("%d reads", got)
		}
	})
}
