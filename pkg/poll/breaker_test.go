// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/fault"
)

func TestBreakerRecord(t *testing.T) {
	type end struct {
		v     verdict
		probe bool
		hint  time.Duration
	}
	repeat := func(n int, e end) []end {
		var all []end
		for range n {
			all = append(all, e)
		}
		return all
	}
	no, probe := end{v: unavailable}, end{v: unavailable, probe: true}
	cases := map[string]struct {
		ends   []end
		open   bool
		pause  time.Duration
		reason string
	}{
		"FourAreNotEnough": {ends: repeat(4, no), reason: "five in a row open it"},
		"FiveOpen":         {ends: repeat(5, no), open: true, pause: time.Second, reason: "with the shortest pause"},
		"AnAnswerStartsAnew": {
			ends: append(append(repeat(4, no), end{v: answered}), repeat(4, no)...), reason: "in a row means in a row",
		},
		"SilenceSaysNothing": {
			ends: append(append(repeat(4, no), end{v: silent}), no), open: true, pause: time.Second,
			reason: "a read that never left the operator is no answer",
		},
		"LateOnesDoNotPause": {ends: repeat(20, no), open: true, pause: time.Second, reason: "only a probe makes the pause grow"},
		"ProbesPause": {
			ends: append(repeat(5, no), repeat(3, probe)...), open: true, pause: 8 * time.Second, reason: "each doubles it",
		},
		"PauseIsBounded": {
			ends: append(repeat(5, no), repeat(30, probe)...), open: true, pause: 30 * time.Second, reason: "to thirty seconds",
		},
		"HintIsKept": {
			ends: append(repeat(5, no), end{v: unavailable, probe: true, hint: time.Minute}), open: true, pause: time.Minute,
			reason: "Retry-After of the probe",
		},
		"SilentProbe": {
			ends: append(repeat(5, no), end{v: silent, probe: true}), open: true, pause: time.Second,
			reason: "no reason to wait longer",
		},
		"AnswerCloses": {ends: append(repeat(9, no), end{v: answered, probe: true}), reason: "the first answer"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			var b breaker
			now := time.Minute
			changes := 0
			for _, e := range tc.ends {
				if b.record(e.v, e.probe, now, e.hint) {
					changes++
				}
			}
			if b.open != tc.open || (b.open && b.probeAt-now != tc.pause) {
				t.Errorf("open %t, probe in %v; want %t, %v: %s", b.open, b.probeAt-now, tc.open, tc.pause, tc.reason)
			}
			if (changes%2 == 1) != tc.open {
				t.Errorf("%d changes of state reported", changes)
			}
		})
	}
}

func TestVerdictOf(t *testing.T) {
	want := map[fault.Class]verdict{
		fault.NotFound: answered, fault.Denied: answered, fault.Throttled: answered, fault.InvalidContent: answered,
		fault.Unavailable: unavailable,
	}
	for _, class := range fault.Classes() {
		if got := verdictOf(fault.New(class, "Reason", "message")); got != want[class] {
			t.Errorf("%s is %d, want %d", class, got, want[class])
		}
	}
	if verdictOf(nil) != answered {
		t.Error("a good read is no answer")
	}
	if verdictOf(errors.New("boom")) != silent {
		t.Error("an error without a class says something")
	}
}

// poll30 subscribes to 30 entries of one backend, each good and taken.
func (w *world) poll30() (ids []types.NamespacedName) {
	for i := range 30 {
		id := name("ns", nsOf(i))
		w.stub.write("p"+nsOf(i), "1")
		w.subscribe(id, w.subscription("p"+nsOf(i)))
		ids = append(ids, id)
	}
	return ids
}

func TestBreakerLeavesABackendAlone(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		ids := w.poll30()
		w.stub.change(func() { w.stub.down = errUnavailable })
		w.pass(interval)
		before := w.stub.total()
		w.pass(10 * time.Minute)
		if got := w.stub.total() - before; got < 15 || got > 25 {
			w.Errorf("%d reads in ten minutes of outage, want a probe every 30 s", got)
		}
		for _, id := range ids {
			if got := w.take(id); fault.ReasonOf(got.Results[0].Err) != "Sealed" {
				w.Errorf("%s: %v, want to be told the reason though it was not read", id, got.Results[0].Err)
			}
		}
		if h := w.Health(w.source().Backend); h.Reachable || h.Breaker != BreakerOpen || h.Reason != "Sealed" || h.Failing != 30 {
			w.Errorf("health is %+v", h)
		}
	})
}

func TestBreakerClosesAndAllIsReadWithinAnInterval(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		ids := w.poll30()
		w.stub.change(func() { w.stub.down = errUnavailable })
		w.pass(10 * time.Minute)
		for _, id := range ids {
			w.take(id)
		}
		w.stub.change(func() { w.stub.down = nil })
		w.pass(maxProbePause)
		before := w.stub.total()
		w.pass(interval)
		if got := w.stub.total() - before; got < 29 {
			w.Errorf("%d reads within an interval after the breaker closed, want all", got)
		}
		seconds := map[int64]bool{}
		for i, id := range ids {
			starts := w.stub.startsOf("p" + nsOf(i))
			seconds[starts[len(starts)-1].Unix()] = true
			if got := w.take(id); values(got)[0] != "1" {
				w.Errorf("%s: %v after recovery", id, values(got))
			}
		}
		if len(seconds) < 8 {
			w.Errorf("all were read within %d seconds of the interval, want them spread", len(seconds))
		}
		if diff := cmp.Diff([]BreakerState{BreakerOpen, BreakerClosed}, w.events.seen().breaker); diff != "" {
			w.Errorf("breaker (-want +got):\n%s", diff)
		}
	})
}

func TestOnlyUnavailableOpensTheBreaker(t *testing.T) {
	for n, err := range map[string]error{
		"Denied": errDenied, "NotFound": errNotFound, "Throttled": fault.New(fault.Throttled, "Throttled", "slow down"),
		"InvalidSpec": fault.New(fault.InvalidSpec, "NoCredential", "no credential"), "Unclassed": errors.New("boom"),
	} {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.change(func() { w.stub.down = err })
				for i := range 20 {
					w.Subscribe(name("ns", nsOf(i)), w.subscription("p"+nsOf(i)))
				}
				w.pass(10 * time.Minute)
				if len(w.events.seen().breaker) > 0 {
					w.Errorf("breaker became %v", w.events.seen().breaker)
				}
			})
		})
	}
}

func TestNewcomerDuringAnOutageIsToldAtOnce(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.change(func() { w.stub.down = errUnavailable })
		for i := range 6 {
			w.Subscribe(name("ns", nsOf(i)), w.subscription("p"+nsOf(i)))
		}
		w.pass(3 * time.Minute)
		w.Subscribe(name("tenant", "new"), w.subscription("new"))
		w.pass(time.Millisecond)
		got := w.take(name("tenant", "new")).Results[0]
		if !fault.Is(got.Err, fault.Unavailable) || fault.ReasonOf(got.Err) != "Sealed" {
			w.Errorf("error is %v, want the backend's", got.Err)
		}
		if errors.Is(got.Err, errUnavailable) {
			w.Error("a newcomer was shown the error of somebody else's entry")
		}
	})
}

// outage opens the breaker with broken entries of one tenant while nothing else is due.
func outage(w *world, broken int) {
	w.stub.change(func() { w.stub.latency = time.Millisecond }) // so that all start before one fails
	for i := range broken {
		path := "broken/" + nsOf(i)
		w.stub.change(func() { w.stub.fails[path] = errUnavailable })
		w.Subscribe(name("broken", nsOf(i)), w.subscription(path))
	}
	w.pass(2 * time.Millisecond)
	w.stub.change(func() { w.stub.latency = 0 })
}

func TestBrokenEntriesOfOneTenantDoNotFailTheOthers(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		const good = 90 // six are due in each second
		for i := range good {
			w.stub.write("good"+nsOf(i), "1")
			w.subscribe(name("good", nsOf(i)), w.subscription("good"+nsOf(i)))
		}
		outage(w, 20)
		w.pass(time.Hour)
		if len(w.events.seen().breaker) == 0 {
			w.Fatal("the breaker never opened")
		}
		for i := range good {
			if got := w.wakes(name("good", nsOf(i))); got != 1 {
				w.Errorf("%d was woken %d times by what is no affair of its", i, got)
			}
		}
	})
}

func TestLongIntervalsRecoverSoon(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		for i := range 6 {
			w.stub.write("p"+nsOf(i), "1")
			s := w.subscription("p" + nsOf(i))
			s.Interval = 2 * time.Hour
			w.subscribe(name("ns", nsOf(i)), s)
		}
		w.stub.change(func() { w.stub.down = errUnavailable })
		for i := range 6 {
			w.Refresh(name("ns", nsOf(i)), "now")
		}
		w.pass(time.Second)
		for i := range 6 {
			w.take(name("ns", nsOf(i)))
		}
		w.pass(10 * time.Minute)
		w.stub.change(func() { w.stub.down = nil })
		w.pass(maxProbePause)
		if !w.Health(w.source().Backend).Reachable {
			w.Error("not reachable half a minute after it is")
		}
		w.pass(maxBackoff)
		for i := range 6 {
			if got := w.take(name("ns", nsOf(i))); values(got)[0] != "1" {
				w.Errorf("%d: %v", i, values(got))
			}
		}
	})
}

func TestWhoWaitsForAProbeIsToldItsResult(t *testing.T) {
	cases := map[string]struct {
		down   bool
		reason string
	}{
		"Answered":    {reason: "it is read at once"},
		"Unavailable": {down: true, reason: "it fails with the reason of the backend"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				outage(w, 6)
				w.stub.write("a", "1")
				w.stub.write("b", "1")
				w.stub.change(func() {
					w.stub.latency = 100 * time.Millisecond
					w.stub.fails = map[string]error{}
					if tc.down {
						w.stub.down = errUnavailable
					}
				})
				w.pass(interval + 20*time.Millisecond) // the probe is under way
				before := w.stub.total()
				for _, path := range []string{"a", "b"} {
					w.Subscribe(name("ns", path), w.subscription(path))
				}
				w.pass(10 * time.Millisecond)
				if w.stub.total() != before {
					w.Error("something was read beside the probe")
				}
				w.nothing(name("ns", "a"))
				w.pass(200 * time.Millisecond)
				for _, path := range []string{"a", "b"} {
					got := w.take(name("ns", path))
					if (fault.ReasonOf(got.Results[0].Err) == "Sealed") != tc.down || (!tc.down && values(got)[0] != "1") {
						w.Errorf("%s: %v: %s", path, values(got), tc.reason)
					}
				}
			})
		})
	}
}

func TestKickReadsWhatWaitsForAProbe(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		outage(w, 6)
		w.stub.write("a", "1")
		w.stub.change(func() { w.stub.hangs = true })
		w.pass(interval + 20*time.Millisecond) // the probe is under way, and hangs
		w.Subscribe(name("ns", "a"), w.subscription("a"))
		w.pass(time.Millisecond)
		w.nothing(name("ns", "a"))
		w.stub.change(func() { w.stub.hangs = false })
		w.Kick(w.source().Backend)
		w.pass(time.Millisecond)
		if got := w.take(name("ns", "a")); values(got)[0] != "1" {
			w.Errorf("got %v", values(got))
		}
	})
}

func TestProbeRespectsRetryAfterOfEntries(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.change(func() { w.stub.down = fault.New(fault.Unavailable, "Sealed", "sealed").After(time.Minute) })
		for i := range 6 {
			w.Subscribe(name("ns", nsOf(i)), w.subscription("p"+nsOf(i)))
		}
		w.pass(59 * time.Second)
		for path, n := range w.stub.readsByPath() {
			if n > 1 {
				w.Errorf("%s was read %d times within its Retry-After", path, n)
			}
		}
		w.stub.change(func() { w.stub.down = nil })
		before := w.stub.total()
		w.pass(30 * time.Second)
		if w.stub.total() == before {
			w.Error("no probe after it")
		}
	})
}

func TestAProbeWithABrokenEntryDoesNotFailAGoodOne(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		s := w.subscription("a")
		s.Interval = time.Hour
		id := name("ns", "a")
		w.subscribe(id, s)
		outage(w, 6)
		w.stub.change(func() { w.stub.latency = 100 * time.Millisecond })
		w.pass(interval + 20*time.Millisecond) // a probe is under way
		w.Refresh(id, "now")
		w.pass(200 * time.Millisecond) // it failed
		w.nothing(id)
		w.pass(maxProbePause)
		if got := w.take(id); got.Request != "now" || values(got)[0] != "1" {
			w.Errorf("got %v: the next probe should have been with the good entry", values(got))
		}
	})
}
