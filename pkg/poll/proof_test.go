// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// knowing is a subscription to one entry of which these fields are known.
func (w *world) knowing(path string, fields ...string) Subscription {
	s := w.subscription(path)
	for _, field := range fields {
		s.Wants[0].Known = append(s.Wants[0].Known, backend.Field{Name: field})
	}
	return s
}

// everything takes every field.
func everything(string) bool { return true }

// hold makes an entry hold fields.
func (s *stub) hold(path string, fields ...string) {
	s.change(func() {
		entry := backend.Entry{Fields: map[string]sensitive.Value{}}
		for _, field := range fields {
			entry.Fields[field] = sensitive.FromString(`"v"`)
		}
		s.entries[path] = entry
	})
}

// TestLostFieldsAreProven: an entry that lost a field counts as read once the field is proven
// to be gone, and is told as failed while it is hidden, or nobody knows.
func TestLostFieldsAreProven(t *testing.T) {
	gone := fault.New(fault.NotFound, backend.ReasonEntryNotFound, "gone")
	for what, tc := range map[string]struct {
		proof error
		class fault.Class
	}{
		"Gone":        {proof: gone},
		"Hidden":      {proof: errDenied, class: fault.Denied},
		"NotAnswered": {proof: errUnavailable, class: fault.Unavailable},
		"There":       {class: fault.Suspicious},
	} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.tagged = true
				w.stub.proofs = map[string]error{"b": tc.proof}
				w.stub.hold("p", "a")
				id := name("ns", "n")
				w.Subscribe(id, w.knowing("p", "a", "b"))
				w.pass(time.Second)
				if got := fault.ClassOf(w.take(id).Results[0].Err); got != tc.class {
					w.Fatalf("want class %q, got %q", tc.class, got)
				}
				w.pass(4 * interval)
				asked := len(w.stub.proven)
				if tc.class == "" && asked != 1 {
					w.Errorf("want what is gone asked for once, got %d times", asked)
				}
				if tc.class == "" {
					return
				}
				if asked < 2 {
					w.Errorf("want it asked for again while it is not proven, got %d times", asked)
				}
				w.stub.hold("p", "a", "b")
				w.pass(5 * time.Minute)
				if snapshot := w.take(id); snapshot.Results[0].Err != nil || len(snapshot.Results[0].Entry.Fields) != 2 {
					w.Errorf("want the entry read when it is whole again, got %+v", snapshot)
				}
			})
		})
	}
}

// TestFieldsOfNewcomersAreProven: what is at hand is not taken for what a newcomer knows.
func TestFieldsOfNewcomersAreProven(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.proofs = map[string]error{"b": errDenied}
		w.stub.hold("p", "a")
		first, second := name("ns", "first"), name("ns", "second")
		w.Subscribe(first, w.knowing("p", "a"))
		w.pass(time.Second)
		w.Subscribe(second, w.knowing("p", "a", "b"))
		w.pass(time.Second)
		if err := w.take(second).Results[0].Err; !fault.Is(err, fault.Denied) {
			w.Errorf("want the newcomer told that a field is hidden, got %v", err)
		}
	})
}

// TestFieldsOfNewcomersDuringARead: a read that began before somebody came, who knows of more,
// is none for them.
func TestFieldsOfNewcomersDuringARead(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.proofs = map[string]error{"b": errDenied}
		w.stub.hold("p", "a")
		w.stub.latency = 2 * time.Second
		first, second := name("ns", "first"), name("ns", "second")
		w.Subscribe(first, w.knowing("p", "a"))
		w.pass(time.Second)
		w.Subscribe(second, w.knowing("p", "a", "b"))
		w.pass(1500 * time.Millisecond)
		if snapshot, told := w.Peek(second); told {
			w.Errorf("want nothing told by the first read, got %+v", snapshot)
		}
		w.pass(2 * time.Second)
		if err := w.take(second).Results[0].Err; !fault.Is(err, fault.Denied) {
			w.Errorf("want the newcomer told that a field is hidden, got %v", err)
		}
	})
}

// TestShownFieldsAreProven: who takes all fields knows those that were read before, too.
func TestShownFieldsAreProven(t *testing.T) {
	for what, all := range map[string]bool{"All": true, "Some": false} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.proofs = map[string]error{"b": errDenied}
				w.stub.hold("p", "a", "b")
				id, s := name("ns", "n"), w.subscription("p")
				if all {
					s.Wants[0].Takes = everything
				}
				w.Subscribe(id, s)
				w.pass(time.Second)
				w.take(id)
				w.stub.hold("p", "a")
				w.pass(interval)
				if err := w.take(id).Results[0].Err; fault.Is(err, fault.Denied) != all {
					w.Errorf("want a hidden field missed by who takes all, and by nobody else, got %v", err)
				}
				w.stub.change(func() { w.stub.proofs["b"] = errNotFound })
				w.pass(5 * time.Minute)
				before := len(w.stub.proven)
				w.pass(2 * interval)
				if got := len(w.stub.proven) - before; got != 0 {
					w.Errorf("want what is gone asked for no more, got %d times", got)
				}
			})
		})
	}
}

// TestProofsAreBounded: so many fields are proven by one read, and the entry counts as read
// when each was, once.
func TestProofsAreBounded(t *testing.T) {
	for what, hidden := range map[string]bool{"Gone": false, "Hidden": true} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.proofs = map[string]error{}
				var fields []string
				for i := range 3 * maxProofs {
					fields = append(fields, fmt.Sprintf("field-%02d", i))
					w.stub.proofs[fields[i]] = errNotFound
				}
				if hidden {
					w.stub.proofs[fields[len(fields)-1]] = errDenied
				}
				w.stub.hold("p", "other")
				id := name("ns", "n")
				w.Subscribe(id, w.knowing("p", fields...))
				w.pass(time.Second)
				if got := len(w.stub.proven); got != maxProofs {
					w.Errorf("want %d fields asked for by one read, got %d", maxProofs, got)
				}
				if err := w.take(id).Results[0].Err; !fault.Is(err, fault.Suspicious) {
					w.Errorf("want the others taken for hidden until they were asked for, got %v", err)
				}
				w.pass(5 * time.Minute)
				if err := w.take(id).Results[0].Err; fault.Is(err, fault.Denied) != hidden || !hidden && err != nil {
					w.Errorf("want the last field to decide, got %v", err)
				}
				if !hidden && len(w.stub.proven) != len(fields) {
					w.Errorf("want each field asked for once, got %d requests", len(w.stub.proven))
				}
			})
		})
	}
}

// TestGoneFieldsComeBack: a field that is back is expected again.
func TestGoneFieldsComeBack(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.proofs = map[string]error{"b": errNotFound}
		w.stub.hold("p", "a")
		id := name("ns", "n")
		w.Subscribe(id, w.knowing("p", "b"))
		w.pass(time.Second)
		w.take(id)
		w.stub.hold("p", "a", "b")
		w.pass(interval)
		w.take(id)
		w.stub.change(func() { w.stub.proofs["b"] = errDenied })
		w.stub.hold("p", "a")
		w.pass(interval)
		if err := w.take(id).Results[0].Err; !fault.Is(err, fault.Denied) || !slices.Contains(w.stub.proven, "b") {
			w.Errorf("want the field proven anew, got %v", err)
		}
	})
}

// holdFrom makes an entry hold fields, by where they come from.
func (s *stub) holdFrom(path string, fields map[string]string) {
	s.change(func() {
		entry := backend.Entry{Fields: map[string]sensitive.Value{}, Values: map[string]backend.ValueInfo{}}
		for field, from := range fields {
			entry.Fields[field] = sensitive.FromString(`"v"`)
			entry.Values[field] = backend.ValueInfo{From: backend.ParseOrigin(from)}
		}
		s.entries[path] = entry
	})
}

// TestDisplacedFieldsAreProven: a field that comes from elsewhere now is asked for where it
// lay, by what was known before this process began, and by what it read itself.
func TestDisplacedFieldsAreProven(t *testing.T) {
	for what, tc := range map[string]struct {
		known  string // before
		read   bool   // whether this process read it so first
		proof  error
		class  fault.Class
		proven int
	}{
		"Same":         {known: "far"},
		"Moved":        {known: "near", proof: errNotFound, proven: 1},
		"Hidden":       {known: "near", proof: errDenied, class: fault.Denied, proven: 1},
		"HiddenInLife": {known: "near", read: true, proof: errDenied, class: fault.Denied, proven: 1},
		"MovedInLife":  {known: "near", read: true, proof: errNotFound, proven: 1},
	} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.proofs = map[string]error{"b": tc.proof}
				id, s := name("ns", "n"), w.subscription("p")
				s.Wants[0].Takes = everything
				if tc.read {
					w.stub.holdFrom("p", map[string]string{"b": tc.known})
					w.subscribe(id, s)
				} else {
					s.Wants[0].Known = []backend.Field{{Name: "b", From: backend.ParseOrigin(tc.known)}}
				}
				w.stub.holdFrom("p", map[string]string{"b": "far"})
				w.Subscribe(id, s)
				w.pass(interval)
				if err := w.take(id).Results[0].Err; fault.ClassOf(err) != tc.class {
					w.Errorf("want class %q, got %v", tc.class, err)
				}
				if made := w.stub.proofsMade(); made < tc.proven || tc.proven == 0 && made > 0 {
					w.Errorf("want %d proofs, got %d", tc.proven, made)
				}
				w.stub.change(func() {
					for _, from := range w.stub.instead {
						if from == nil || from.Path != "far" {
							w.Errorf("want it told what is shown instead, got %v", from)
						}
					}
				})
			})
		})
	}
}

// TestSettled: what a subscriber knew is of no use once it takes all that was read, and is not
// kept; until then, and for who takes some fields only, it is.
func TestSettled(t *testing.T) {
	for what, tc := range map[string]struct {
		all     bool
		proof   error
		settled bool
		kept    int
	}{
		"All":     {all: true, proof: errNotFound, settled: true},
		"Some":    {proof: errNotFound, kept: 2},
		"Failing": {all: true, proof: errDenied, kept: 2},
	} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.proofs = map[string]error{"b": tc.proof}
				w.stub.hold("p", "a")
				id, s := name("ns", "n"), w.knowing("p", "a", "b")
				if tc.all {
					s.Wants[0].Takes = everything
				}
				w.Subscribe(id, s)
				if w.Settled(id, s.Epoch) {
					w.Error("want nothing settled before the first read")
				}
				w.pass(time.Second)
				w.take(id)
				w.Subscribe(id, s)
				if w.Settled(id, s.Epoch) != tc.settled || w.Settled(id, "another") || w.Settled(name("ns", "other"), s.Epoch) {
					w.Errorf("want settled %t, and only in its epoch", tc.settled)
				}
				w.lock()
				kept := len(w.subscribers[id].regards[0].known)
				w.unlock()
				if kept != tc.kept {
					w.Errorf("want %d fields kept, got %d", tc.kept, kept)
				}
				before := w.stub.proofsMade()
				w.pass(2 * interval)
				if errors.Is(tc.proof, errNotFound) && w.stub.proofsMade() != before {
					w.Error("want what is gone asked for once")
				}
			})
		})
	}
}
