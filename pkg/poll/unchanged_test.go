// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"
)

// TestUnchangedWakesNobody: what answers "unchanged" is read on, and keeps no value; who
// comes later has it read in full.
func TestUnchangedWakesNobody(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.tagged = true
		w.stub.write("a", "1")
		id := name("ns", "first")
		w.Subscribe(id, w.subscription("a"))
		w.pass(time.Second)
		w.take(id)
		w.pass(4 * interval)
		if got := w.stub.count(&w.stub.unchanged); got != 4 || w.wakes(id) != 1 || w.stub.readsOf("a") != 5 {
			w.Errorf("want every read after the first unchanged and nobody woken, got %d of %d and %d wakes", got, w.stub.readsOf("a"), w.wakes(id))
		}
		if w.held != 0 {
			w.Errorf("want no value kept, got %d bytes", w.held)
		}

		late := name("ns", "late")
		w.Subscribe(late, w.subscription("a"))
		w.pass(time.Second)
		if snapshot := w.take(late); len(snapshot.Results[0].Entry.Fields) != 1 || w.stub.count(&w.stub.unchanged) != 4 {
			w.Errorf("want who comes late given the value by a full read, got %+v", snapshot)
		}

		w.stub.write("a", "2")
		w.pass(interval)
		for _, who := range []string{"first", "late"} {
			if snapshot := w.take(name("ns", who)); !snapshot.Changed || snapshot.Results[0].Entry.Version != "2" {
				w.Errorf("want %s told of the change, got %+v", who, snapshot)
			}
		}
	})
}

// TestUnchangedIsAGoodRead: it counts as an answer, and after a failure it is not asked for.
func TestUnchangedIsAGoodRead(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.tagged = true
		w.stub.write("a", "1")
		id := name("ns", "n")
		w.Subscribe(id, w.subscription("a"))
		w.pass(time.Second)
		w.take(id)
		w.pass(2 * interval)
		w.stub.change(func() { w.stub.down = errUnavailable })
		w.pass(interval)
		first := w.take(id)
		if first.Results[0].Err == nil || first.At.Sub(first.Results[0].LastGood) > interval+time.Second {
			w.Errorf("want the last unchanged answer to be the last good read, got %+v", first)
		}
		w.stub.change(func() { w.stub.down = nil })
		before := w.stub.count(&w.stub.unchanged)
		w.pass(2 * interval)
		if got := w.take(id); got.Results[0].Err != nil || len(got.Results[0].Entry.Fields) != 1 {
			w.Errorf("want the value after the failure, got %+v", got)
		}
		if w.stub.count(&w.stub.unchanged) > before+1 {
			w.Error("want a full read after a failure")
		}
	})
}

// TestUnchangedIsNoAnswerToARequest: a requested refresh reads in full.
func TestUnchangedIsNoAnswerToARequest(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.tagged = true
		w.stub.write("a", "1")
		w.stub.write("b", "1")
		id := name("ns", "n")
		w.Subscribe(id, w.subscription("a", "b"))
		w.pass(time.Second)
		w.take(id)
		w.Refresh(id, "now")
		w.pass(time.Second)
		snapshot := w.take(id)
		if snapshot.Request != "now" || snapshot.Changed || len(snapshot.Results[1].Entry.Fields) != 1 {
			w.Errorf("want the request answered with values, got %+v", snapshot)
		}
	})
}
