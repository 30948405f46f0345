// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/fault"
)

func TestFirstSnapshot(t *testing.T) {
	cases := map[string]struct {
		paths  []string
		want   []string
		reads  map[string]int
		reason string
	}{
		"OneEntry": {
			paths: []string{"a"}, want: []string{"1"}, reads: map[string]int{"a": 1},
			reason: "one entry needs one read",
		},
		"SeveralEntries": {
			paths: []string{"b", "a"}, want: []string{"2", "1"}, reads: map[string]int{"a": 2, "b": 2},
			reason: "two equal reads of each prove that the values held at one moment; order is that of the wants",
		},
		"Duplicates": {
			paths: []string{"a", "a"}, want: []string{"1", "1"}, reads: map[string]int{"a": 1},
			reason: "the same entry twice is one entry",
		},
		"Failing": {
			paths: []string{"a", "none"}, want: []string{"", errNotFound.Error()}, reads: map[string]int{"a": 1, "none": 1},
			reason: "with a failure there is nothing to render, so nothing to prove and no value to keep",
		},
		"NoEntries": {
			paths: nil, want: nil, reads: map[string]int{},
			reason: "who wants nothing has it at once",
		},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.write("a", "1")
				w.stub.write("b", "2")
				id := name("ns", "s")
				w.Subscribe(id, w.subscription(tc.paths...))
				w.pass(time.Millisecond)
				got := w.take(id)
				if diff := cmp.Diff(tc.want, values(got)); diff != "" {
					w.Errorf("values, %s (-want +got):\n%s", tc.reason, diff)
				}
				if !got.Changed || got.Epoch != "1" || got.Request != "" || got.At.IsZero() && len(tc.paths) > 0 {
					w.Errorf("snapshot is %+v, want a change of epoch 1 with a time", got)
				}
				if diff := cmp.Diff(tc.reads, w.stub.readsByPath()); diff != "" {
					w.Errorf("reads, %s (-want +got):\n%s", tc.reason, diff)
				}
				if want := min(1, len(tc.reads)); w.wakes(id) != want {
					w.Errorf("woken %d times, want %d: what had to be read is told, what was there at once is not", w.wakes(id), want)
				}
				w.nothing(id)
			})
		})
	}
}

func TestAtRestOneReadPerIntervalAndNoWake(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		paths := []string{"a", "b", "c", "d", "e"}
		var ids []types.NamespacedName
		for _, path := range paths {
			w.stub.write(path, "1")
			for _, ns := range []string{"n1", "n2", "n3"} {
				ids = append(ids, name(ns, path))
				w.Subscribe(name(ns, path), w.subscription(path))
			}
		}
		w.pass(time.Millisecond)
		first := map[types.NamespacedName]int{}
		for _, id := range ids {
			w.take(id)
			first[id] = w.wakes(id)
		}
		w.pass(20 * interval)
		for path, got := range w.stub.readsByPath() {
			if got < 20 || got > 21 {
				w.Errorf("%s was read %d times in 20 intervals, want 20 and the first", path, got)
			}
		}
		for _, id := range ids {
			if got := w.wakes(id); got > 1 || got != first[id] {
				w.Errorf("%s was woken %d times, want for the first snapshot only", id, got)
			}
		}
		if got := w.events.seen().spared; got < 2*20*len(paths) {
			w.Errorf("%d reads were spared, want two of three", got)
		}
		if w.heldBytes() != 0 {
			w.Errorf("%d bytes are held at rest", w.heldBytes())
		}
	})
}

func TestChangeReachesEverybodyWithinAnInterval(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		var ids []int
		for i := range 800 {
			ids = append(ids, i)
			w.Subscribe(name(nsOf(i), "s"), w.subscription("a"))
		}
		onRequest := w.subscription("a")
		onRequest.Interval = 0
		w.Subscribe(name("lazy", "s"), onRequest)
		w.pass(time.Millisecond)
		for _, i := range ids {
			w.take(name(nsOf(i), "s"))
		}
		w.take(name("lazy", "s"))
		before := w.stub.readsOf("a")
		w.stub.write("a", "2")
		w.pass(interval)
		for _, i := range ids {
			if got := w.take(name(nsOf(i), "s")); values(got)[0] != "2" || !got.Changed {
				w.Fatalf("subscriber %d got %v, changed %t", i, values(got), got.Changed)
			}
		}
		if got := values(w.take(name("lazy", "s"))); got[0] != "2" {
			w.Errorf("the one without an interval got %v, want what somebody else's read found", got)
		}
		if got := w.stub.readsOf("a") - before; got != 1 {
			w.Errorf("%d reads for 800 subscribers in one interval, want 1", got)
		}
		if w.heldBytes() != 0 {
			w.Errorf("%d bytes are held after all acknowledged", w.heldBytes())
		}
	})
}

func TestFailureAndRecoveryWakeOnce(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		id := name("ns", "s")
		w.Subscribe(id, w.subscription("a"))
		w.pass(time.Millisecond)
		w.take(id)
		good := time.Now()

		w.stub.change(func() { w.stub.down = errUnavailable })
		w.pass(3 * interval)
		got := w.take(id)
		if !fault.Is(got.Results[0].Err, fault.Unavailable) || fault.ReasonOf(got.Results[0].Err) != "Sealed" {
			w.Errorf("error is %v, want the backend's", got.Results[0].Err)
		}
		if got.Results[0].LastGood.Before(good.Add(-time.Second)) {
			w.Errorf("last good read at %v, want %v", got.Results[0].LastGood, good)
		}
		w.pass(10 * interval)
		w.nothing(id)

		w.stub.change(func() { w.stub.down = errDenied })
		w.pass(20 * interval)
		if got := w.take(id); !fault.Is(got.Results[0].Err, fault.Denied) {
			w.Errorf("error is %v, want the new reason", got.Results[0].Err)
		}

		w.stub.change(func() { w.stub.down = nil })
		w.pass(maxBackoff + interval)
		if got := w.take(id); values(got)[0] != "1" || !got.Changed {
			w.Errorf("after recovery: %v", values(got))
		}
		if got := w.wakes(id); got != 4 {
			w.Errorf("woken %d times, want for first, failing, another reason, good", got)
		}
	})
}

// nsOf names the i-th of many.
func nsOf(i int) string { return fmt.Sprintf("n%05d", i) }
