// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"strconv"
	"testing"
	"time"
)

// subscriberOf is a subscriber of entries, of which so many are named and the others found.
func subscriberOf(named int, entries ...*entry) *subscriber {
	return &subscriber{entries: entries, fixed: named, regards: make([]regard, len(entries))}
}

func TestJudge(t *testing.T) {
	good := func(first, last tick) *entry {
		return &entry{tried: last, good: state{first: first, last: last}, held: &reading{}}
	}
	bad := func(tried tick) *entry { return &entry{tried: tried, err: errDenied} }
	bare := good(1, 5)
	bare.held = nil
	cases := map[string]struct {
		entries []*entry
		after   []tick
		want    progress
		bound   tick
		reason  string
	}{
		"Unread":       {entries: []*entry{{}}, want: incomplete, reason: "never read"},
		"TooOld":       {entries: []*entry{good(2, 5)}, after: []tick{5}, want: incomplete, reason: "the read started at the tick, not after it"},
		"Single":       {entries: []*entry{good(6, 5)}, want: whole, reason: "one read shows one moment"},
		"SingleTwice":  {entries: func() []*entry { e := good(6, 5); return []*entry{e, e} }(), want: whole, reason: "the same entry is one"},
		"SingleBare":   {entries: []*entry{bare}, want: torn, reason: "the value is not at hand"},
		"FirstReads":   {entries: []*entry{good(3, 1), good(4, 2)}, want: torn, bound: 4, reason: "one read each proves nothing"},
		"TwoSweeps":    {entries: []*entry{good(3, 5), good(4, 6)}, want: whole, reason: "both held from 4 to 5"},
		"OneConfirmed": {entries: []*entry{good(3, 5), good(4, 2)}, want: torn, bound: 4, reason: "the second was seen once"},
		"ChangedAfter": {entries: []*entry{good(3, 5), good(8, 9)}, want: torn, bound: 8, reason: "the first may have changed before 8"},
		"LongHeld":     {entries: []*entry{good(3, 90), good(80, 91)}, want: whole, reason: "reads for others count"},
		"Failing":      {entries: []*entry{good(3, 1), bad(4)}, want: broken, reason: "nothing to render, so nothing to prove"},
		"FailingOld":   {entries: []*entry{good(3, 1), bad(4)}, after: []tick{0, 4}, want: incomplete, reason: "it has to be tried again"},
		"None":         {want: whole, reason: "of nothing all is known"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			after := tc.after
			if after == nil {
				after = make([]tick, len(tc.entries))
			}
			got, bound := subscriberOf(len(tc.entries), tc.entries...).judge(after)
			if got != tc.want || bound != tc.bound {
				t.Errorf("judged %d after %d, want %d after %d: %s", got, bound, tc.want, tc.bound, tc.reason)
			}
		})
	}
}

func TestChangeOfOneEntryReadsAllOnceMore(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		paths := []string{"a", "b", "c"}
		for _, path := range paths {
			w.stub.write(path, "1")
		}
		id := name("ns", "s")
		w.subscribe(id, w.subscription(paths...))
		w.pass(interval)
		before := w.stub.total()
		w.stub.write("b", "2")
		w.pass(interval)
		if got := values(w.take(id)); got[0] != "1" || got[1] != "2" || got[2] != "1" {
			w.Errorf("got %v", got)
		}
		if got := w.stub.total() - before; got != 6 {
			w.Errorf("%d reads, want three for the interval and three for the sweep", got)
		}
	})
}

func TestSweepsAreBounded(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		restless := newRestless()
		s := w.subscription("a")
		s.Wants = append(s.Wants, Want{Source: Source{Backend: "restless", Identity: "i", Open: restless.open}, Ref: ref(w.TB, "r")})
		w.stub.write("a", "1")
		id := name("ns", "s")
		w.Subscribe(id, s)
		const intervals = 40
		w.pass(intervals * interval)
		w.nothing(id)
		got := w.stub.readsOf("a")
		if got > intervals*(1+1+maxSweeps) || got < intervals {
			w.Errorf("%d reads in %d intervals, want at most a round of %d sweeps in each", got, intervals, maxSweeps)
		}
		restless.calm()
		w.pass(2 * interval)
		if got := w.take(id); values(got)[0] != "1" || values(got)[1] == "" {
			w.Errorf("got %v when it came to rest", values(got))
		}
		if w.heldBytes() != 0 {
			w.Errorf("%d bytes are held", w.heldBytes())
		}
	})
}

func TestSweepsShareReads(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("shared", "1")
		w.stub.change(func() { w.stub.latency = 10 * time.Millisecond })
		const subscribers = 200
		for i := range subscribers {
			path := "own/" + strconv.Itoa(i)
			w.stub.write(path, "1")
			w.Subscribe(name(nsOf(i), "s"), w.subscription("shared", path))
		}
		w.pass(interval)
		for i := range subscribers {
			w.take(name(nsOf(i), "s"))
		}
		before := w.stub.readsOf("shared")
		w.stub.write("shared", "2")
		w.pass(interval + time.Second)
		for i := range subscribers {
			if got := values(w.take(name(nsOf(i), "s"))); got[0] != "2" || got[1] != "1" {
				w.Fatalf("%d got %v", i, got)
			}
		}
		if got := w.stub.readsOf("shared") - before; got > 4 {
			w.Errorf("the shared entry was read %d times, want the interval's and the sweep's", got)
		}
	})
}

// TestAbsenceEndsWhatHeld: a value that came back after it was found missing did not hold
// in between.
func TestAbsenceEndsWhatHeld(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "a1")
		w.stub.write("b", "b1")
		both, onlyA, onlyB := name("ns", "both"), name("ns", "a"), name("ns", "b")
		w.subscribe(both, w.subscription("a", "b"))
		w.subscribe(onlyA, w.subscription("a"))
		w.subscribe(onlyB, w.subscription("b"))

		w.stub.change(func() { w.stub.fails["a"] = errNotFound })
		w.Refresh(onlyA, "is it gone?")
		w.pass(time.Millisecond)
		w.take(onlyA)
		w.take(both)
		w.stub.write("b", "b2")
		w.pass(2 * interval) // b2 is read twice, and stays at hand because onlyB does not take it
		w.take(both)

		w.stub.write("b", "b3")
		w.stub.change(func() { delete(w.stub.fails, "a") })
		w.Refresh(onlyA, "is it back?")
		w.pass(time.Millisecond)
		if got := values(w.take(both)); got[0] != "a1" || got[1] != "b3" {
			w.Errorf("got %v, but a was absent while b was b2", got)
		}
	})
}
