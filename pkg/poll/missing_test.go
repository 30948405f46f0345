// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"strconv"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestMissingEntry(t *testing.T) {
	cases := map[string]struct {
		err    error
		pinned string
		want   bool
		reason string
	}{
		"NotFound":        {err: errNotFound, want: true, reason: "the entry is not there"},
		"PinnedNotFound":  {err: errNotFound, pinned: "4", want: true, reason: "not in any version"},
		"Deleted":         {err: fault.New(fault.NotFound, backend.ReasonEntryDeleted, "deleted"), want: true, reason: "somebody deleted it"},
		"Destroyed":       {err: fault.New(fault.NotFound, backend.ReasonVersionDestroyed, "destroyed"), want: true, reason: "somebody destroyed it"},
		"PinnedDeleted":   {err: fault.New(fault.NotFound, backend.ReasonEntryDeleted, "deleted"), pinned: "4", reason: "only that version is"},
		"PinnedDestroyed": {err: fault.New(fault.NotFound, backend.ReasonVersionDestroyed, "destroyed"), pinned: "4", reason: "only that version is"},
		"OtherVersion":    {err: fault.New(fault.NotFound, backend.ReasonVersionNotFound, "no such version"), pinned: "4", reason: "others are there"},
		"Mount":           {err: fault.New(fault.NotFound, backend.ReasonMountNotFound, "no mount"), reason: "nothing is known of the entry"},
		"Denied":          {err: errDenied, reason: "nothing is known of the entry"},
		"Good":            {reason: "it is there"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			r, err := backend.ParseRef("a", tc.pinned)
			if err != nil {
				t.Fatal(err)
			}
			if got := missingEntry(r, tc.err); got != tc.want {
				t.Errorf("missing is %t: %s", got, tc.reason)
			}
		})
	}
}

func TestGoneIsProvenTwiceOneIntervalApart(t *testing.T) {
	cases := map[string]struct {
		act    func(w *world, remove func())
		want   bool
		reason string
	}{
		"Twice": {
			act:  func(w *world, remove func()) { remove(); w.pass(4 * interval) },
			want: true, reason: "missing, and missing an interval later",
		},
		"Once": {
			act:    func(w *world, remove func()) { remove(); w.pass(interval) },
			reason: "once may be a slip",
		},
		"TwiceWithinAnInterval": {
			act: func(w *world, remove func()) {
				remove()
				for i := range 5 {
					w.Refresh(name("ns", "s"), strconv.Itoa(i))
					w.pass(time.Second)
				}
			},
			reason: "asking more often proves nothing more",
		},
		"ContainerDead": {
			act: func(w *world, remove func()) {
				w.stub.change(func() { w.stub.proof = errUnavailable })
				remove()
				w.pass(20 * interval)
			},
			reason: "with the mount gone nothing is known of the entry",
		},
		"ContainerDeadOnce": {
			act: func(w *world, remove func()) {
				remove()
				w.pass(interval)
				w.stub.change(func() { w.stub.proof = errUnavailable })
				w.pass(interval)
				w.stub.change(func() { w.stub.proof = nil })
				w.pass(2 * interval)
			},
			reason: "the proof starts anew",
		},
		"BackInBetween": {
			act: func(w *world, remove func()) {
				remove()
				w.pass(interval)
				w.stub.change(func() { w.stub.fails = map[string]error{} })
				w.pass(interval)
				remove()
				w.pass(interval)
			},
			reason: "the proof starts anew",
		},
		"Outage": {
			act: func(w *world, remove func()) {
				remove()
				w.pass(interval)
				w.stub.change(func() { w.stub.down = errUnavailable })
				w.pass(4 * interval)
			},
			reason: "no answer is no proof",
		},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				id := name("ns", "s")
				w.stub.write("a", "1")
				for i := range 20 {
					w.stub.write("other"+nsOf(i), "1")
					w.subscribe(name("ns", nsOf(i)), w.subscription("other"+nsOf(i)))
				}
				w.subscribe(id, w.subscription("a"))
				tc.act(w, func() { w.stub.change(func() { w.stub.fails["a"] = errNotFound }) })
				got, ok := w.Peek(id)
				if (ok && got.Results[0].Gone) != tc.want {
					w.Errorf("gone is %t: %s", !tc.want, tc.reason)
				}
				if ok && got.Results[0].MassGone {
					w.Error("one of 21 is no mass")
				}
			})
		})
	}
}

func TestMassGone(t *testing.T) {
	const total = 40
	cases := map[string]struct {
		gone     int // at once
		before   int // an hour before
		want     bool
		reinform bool
		reason   string
	}{
		"One":        {gone: 1, reason: "one of 40"},
		"ATenth":     {gone: 4, reason: "a tenth is not more than a tenth"},
		"More":       {gone: 5, want: true, reason: "more than a tenth"},
		"All":        {gone: total, want: true, reason: "a backend restored empty"},
		"LongBefore": {gone: 3, before: 4, reason: "what was missing all along did not vanish with these"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				for i := range total {
					w.stub.write("p"+nsOf(i), "1")
					w.subscribe(name("ns", nsOf(i)), w.subscription("p"+nsOf(i)))
				}
				remove := func(from, to int) {
					w.stub.change(func() {
						for i := from; i < to; i++ {
							w.stub.fails["p"+nsOf(i)] = errNotFound
						}
					})
				}
				remove(0, tc.before)
				w.pass(time.Hour)
				remove(tc.before, tc.before+tc.gone)
				w.pass(4 * interval)
				for i := tc.before; i < tc.before+tc.gone; i++ {
					if got := w.take(name("ns", nsOf(i))).Results[0]; !got.Gone || got.MassGone != tc.want {
						w.Errorf("entry %d of %d: gone %t, mass %t, want %t: %s", i, tc.gone, got.Gone, got.MassGone, tc.want, tc.reason)
					}
				}
				w.stub.change(func() { w.stub.fails = map[string]error{"p" + nsOf(tc.before): errNotFound} })
				w.pass(2 * maxBackoff)
				if got, ok := w.Peek(name("ns", nsOf(tc.before))); ok {
					w.Errorf("told %+v when the others came back: an accident is not over while one is missing", got)
				}
			})
		})
	}
}

func TestMassGoneAfterARestartWithAnEmptyBackend(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		for i := range 30 {
			w.Subscribe(name("ns", nsOf(i)), w.subscription("p"+nsOf(i)))
		}
		w.pass(time.Hour)
		for i := range 30 {
			if got := w.take(name("ns", nsOf(i))).Results[0]; !got.MassGone {
				w.Fatalf("%+v, want mass deletion: this process never saw any of them, so it knows of no other reason", got)
			}
		}
	})
}

// TestMassGoneWaitsForTheSlow: the fast ones must not be called gone before anybody could
// know that all are.
func TestMassGoneWaitsForTheSlow(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		for i := range 102 {
			w.stub.write("p"+nsOf(i), "1")
			s := w.subscription("p" + nsOf(i))
			if i >= 2 {
				s.Interval = 12 * interval
			}
			w.subscribe(name("ns", nsOf(i)), s)
		}
		w.stub.change(func() { w.stub.entries = map[string]backend.Entry{} })
		for range 60 {
			w.pass(interval / 2)
			for i := range 2 {
				if got, ok := w.Peek(name("ns", nsOf(i))); ok && got.Results[0].Gone && !got.Results[0].MassGone {
					w.Fatalf("%d: %+v, want mass deletion", i, got)
				}
			}
		}
		if got := w.take(name("ns", nsOf(0))).Results[0]; !got.MassGone {
			w.Errorf("%+v, want mass deletion in the end", got)
		}
	})
}

func TestGoneNeedsAProver(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		s := w.subscription("a")
		s.Wants[0].Source.Open = func() (backend.Backend, error) { return struct{ backend.Backend }{w.stub}, nil }
		id := name("ns", "s")
		w.Subscribe(id, s)
		w.pass(time.Hour)
		if got := w.take(id).Results[0]; got.Gone || !fault.Is(got.Err, fault.NotFound) {
			w.Errorf("got %+v from a backend that proves nothing", got)
		}
	})
}

func TestMassGoneCountsOnlyWhatWasReadSince(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		for i := range 210 {
			w.stub.write("p"+nsOf(i), "1")
			s := w.subscription("p" + nsOf(i))
			if i >= 10 {
				s.Interval = 5 * time.Hour
			}
			w.subscribe(name("ns", nsOf(i)), s)
		}
		w.stub.change(func() { w.stub.entries = map[string]backend.Entry{} })
		w.pass(3 * massWindow)
		for i := range 10 {
			if got := w.take(name("ns", nsOf(i))).Results[0]; !got.MassGone {
				w.Errorf("%d: %+v, want mass deletion: the others were not read since, and may be missing as well", i, got)
			}
		}
	})
}
