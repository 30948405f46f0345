// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func TestReadingWaitsForAcknowledgements(t *testing.T) {
	const entries, size, bound = 100, 1000, 10_000
	inWorld(t, Options{MaxHeldBytes: bound, MaxInFlight: 2}, func(w *world) {
		for i := range entries {
			w.stub.write("p"+nsOf(i), strings.Repeat("x", size))
			w.Subscribe(name("ns", nsOf(i)), w.subscription("p"+nsOf(i)))
		}
		w.pass(time.Second)
		if got := w.heldBytes(); got < bound || got > bound+2*(size+2*fieldOverhead+5) {
			w.Errorf("%d bytes held, want the bound of %d and what was in flight", got, bound)
		}
		if got := w.stub.total(); got > 12 {
			w.Errorf("%d reads ran ahead", got)
		}
		for taken := 0; taken < entries; {
			before := taken
			for i := range entries {
				if s, ok := w.Peek(name("ns", nsOf(i))); ok {
					w.Ack(name("ns", nsOf(i)), s.Seq)
					taken++
				}
			}
			if taken == before {
				w.Fatalf("stuck after %d of %d", taken, entries)
			}
			w.pass(time.Millisecond)
		}
		if got := w.heldBytes(); got != 0 {
			w.Errorf("%d bytes held in the end", got)
		}
		if got := w.stub.total(); got > entries+5 {
			w.Errorf("%d reads for %d entries", got, entries)
		}
	})
}

func TestSnapshotLargerThanTheBound(t *testing.T) {
	inWorld(t, Options{MaxHeldBytes: 100}, func(w *world) {
		paths := []string{"a", "b", "c", "d"}
		for _, path := range paths {
			w.stub.write(path, strings.Repeat(path, 1000))
		}
		for _, id := range []string{"1", "2", "3"} {
			w.Subscribe(name("ns", id), w.subscription(paths...))
		}
		w.pass(time.Second)
		for _, id := range []string{"1", "2", "3"} {
			got := values(w.take(name("ns", id)))
			for i, path := range paths {
				if got[i] != strings.Repeat(path, 1000) {
					w.Errorf("%s misses the value of %s", id, path)
				}
			}
			w.pass(time.Second)
		}
		if got := w.heldBytes(); got != 0 {
			w.Errorf("%d bytes held in the end", got)
		}
	})
}

func TestWhoNeverAcknowledgesHoldsUpOthersOnlyForAWhile(t *testing.T) {
	inWorld(t, Options{MaxHeldBytes: 3000}, func(w *world) {
		large := strings.Repeat("x", 1000)
		stuck, late := name("stuck", "s"), name("tenant", "late")
		for i := range 5 {
			w.stub.write("big"+nsOf(i), large)
			w.Subscribe(name("stuck", nsOf(i)), w.subscription("big"+nsOf(i)))
		}
		w.stub.write("asked", large)
		w.Subscribe(stuck, w.subscription("asked"))
		w.Refresh(stuck, "r1")
		w.pass(time.Millisecond)
		w.stub.write("small", "1")
		w.Subscribe(late, w.subscription("small"))
		w.pass(time.Second)
		w.nothing(late)
		w.pass(2 * ackPatience)
		if got := values(w.take(late)); got[0] != "1" {
			w.Errorf("got %v", got)
		}
		for i := range 5 {
			id := name("stuck", nsOf(i))
			if _, ok := w.Peek(id); !ok {
				w.pass(ackPatience + time.Second)
			}
			if got := w.take(id); values(got)[0] != large || !got.Changed {
				w.Errorf("%s: its value did not come back: %+v", id, got)
			}
			w.pass(time.Millisecond)
		}
		if _, ok := w.Peek(stuck); !ok {
			w.pass(time.Second)
		}
		if got := w.take(stuck); got.Request != "r1" || values(got)[0] != large {
			w.Errorf("the requested one is %+v", got)
		}
		if w.heldBytes() != 0 {
			w.Errorf("%d bytes held in the end", w.heldBytes())
		}
	})
}

func TestSizeOf(t *testing.T) {
	fields := map[string]sensitive.Value{"key": sensitive.FromString("12345")}
	if got := sizeOf(backend.Entry{Fields: fields}); got != 3+5+2*fieldOverhead {
		t.Errorf("size is %d", got)
	}
	if got := sizeOf(backend.Entry{}); got != fieldOverhead {
		t.Errorf("an empty entry has size %d", got)
	}
}

// TestMemoryAtRest measures what an entry with one subscriber costs once it is taken.
func TestMemoryAtRest(t *testing.T) {
	const most = 1 << 10
	before := heapInUse()
	p, _ := atRest(t)
	got := (heapInUse() - before) / restingEntries
	t.Logf("an entry with its subscriber costs %d bytes", got)
	if got > most {
		t.Errorf("an entry with its subscriber costs %d bytes, want at most %d", got, most)
	}
	if p.held != 0 {
		t.Errorf("%d bytes of values are held", p.held)
	}
	runtime.KeepAlive(p)
}

func heapInUse() int {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
