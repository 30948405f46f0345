// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

var errNothingShown = fault.New(fault.InvalidContent, backend.ReasonNothingShown, "nothing is shown")

// taking is a subscription to an entry that takes these fields of those there are, or all if none
// is named.
func (w *world) taking(path string, fields ...string) Subscription {
	s := w.subscription(path)
	s.Wants[0].Takes = func(field string) bool { return len(fields) == 0 || slices.Contains(fields, field) }
	return s
}

// fieldsOf takes a snapshot and returns the names of the fields of its only entry.
func (w *world) fieldsOf(id types.NamespacedName) []string {
	w.Helper()
	result := w.take(id).Results[0]
	if result.Err != nil {
		w.Fatalf("want the entry, got %v", result.Err)
	}
	return slices.Sorted(maps.Keys(result.Entry.Fields))
}

// withheld takes a snapshot and returns its number and which fields of its only entry it lacks.
func (w *world) withheld(id types.NamespacedName) (seq uint64, fields []string) {
	w.Helper()
	snapshot, ok := w.Peek(id)
	if !ok || snapshot.Results[0].Err == nil {
		w.Fatalf("want %s to be told what is wrong, got %+v", id, snapshot)
	}
	for _, field := range snapshot.Results[0].Withheld {
		fields = append(fields, field.Name)
	}
	return snapshot.Seq, fields
}

// TestHiddenFieldsConcernWhoTookThem: a field that is hidden keeps nobody from an entry who never
// took it, whether they came before or after it was hidden.
func TestHiddenFieldsConcernWhoTookThem(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.proofs = map[string]error{"b": errDenied}
		w.stub.hold("p", "a", "b")
		all, some, late := name("ns", "all"), name("ns", "some"), name("ns", "late")
		w.subscribe(all, w.taking("p"))
		w.subscribe(some, w.taking("p", "a"))
		w.stub.hold("p", "a")
		w.pass(interval)
		if _, lost := w.withheld(all); cmp.Diff([]string{"b"}, lost) != "" {
			w.Errorf("want b withheld, got %v", lost)
		}
		if diff := cmp.Diff([]string{"a"}, w.fieldsOf(some)); diff != "" {
			w.Error(diff)
		}
		w.Subscribe(late, w.taking("p"))
		w.pass(time.Second)
		if diff := cmp.Diff([]string{"a"}, w.fieldsOf(late)); diff != "" {
			w.Error(diff)
		}
	})
}

// TestForgo: who does without a field is shown the entry without it, alone; it is another loss
// when the field was back, or when another one goes.
func TestForgo(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.proofs = map[string]error{"b": errDenied, "c": errDenied}
		w.stub.hold("p", "a", "b", "c")
		id, other := name("ns", "s"), name("ns", "other")
		w.subscribe(id, w.taking("p"))
		w.subscribe(other, w.taking("p"))
		w.stub.hold("p", "a", "c")
		w.pass(interval)
		seq, lost := w.withheld(id)
		if diff := cmp.Diff([]string{"b"}, lost); diff != "" {
			w.Fatal(diff)
		}
		w.Forgo(id, seq+1)
		w.pass(time.Second)
		if _, lost := w.withheld(id); lost == nil {
			w.Error("want nothing forgone by another snapshot")
		}
		w.Forgo(id, seq)
		w.Ack(id, seq)
		w.pass(time.Second)
		if diff := cmp.Diff([]string{"a", "c"}, w.fieldsOf(id)); diff != "" {
			w.Error(diff)
		}
		if _, lost := w.withheld(other); lost == nil {
			w.Error("want the other still to miss b")
		}
		w.stub.hold("p", "a")
		w.pass(interval)
		if _, lost := w.withheld(id); cmp.Diff([]string{"c"}, lost) != "" {
			w.Errorf("want c withheld and b still forgone, got %v", lost)
		}
		w.stub.hold("p", "a", "b", "c")
		w.pass(interval)
		w.fieldsOf(id)
		w.stub.hold("p", "a", "c")
		w.pass(interval)
		if _, lost := w.withheld(id); cmp.Diff([]string{"b"}, lost) != "" {
			w.Errorf("want b withheld anew, got %v", lost)
		}
	})
}

// TestForgoingAFoundEntry: an entry that was found and shows nothing any more counts as not being
// there once it is forgone, also when the folder lists something else, until it is shown again.
func TestForgoingAFoundEntry(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		id := w.emptied(errDenied)
		w.pass(interval)
		snapshot, _ := w.Peek(id)
		if len(snapshot.Results) != 3 || len(snapshot.Results[2].Withheld) != 1 {
			w.Fatalf("want b of the second entry withheld, got %+v", snapshot)
		}
		w.Forgo(id, snapshot.Seq)
		w.Ack(id, snapshot.Seq)
		w.pass(time.Second)
		w.finds(id, 1)
		w.stub.hold("app/r", "c")
		w.pass(2 * interval)
		w.finds(id, 2)
		w.stub.change(func() { delete(w.stub.fails, "app/q") })
		w.pass(maxBackoff)
		w.finds(id, 3)
	})
}

// TestDeniedEntryIsNotLeftOut: a find with an entry that may not be read says so, and there is nothing
// to forgo: after a restart nobody would know that it was.
func TestDeniedEntryIsNotLeftOut(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.hold("app/p", "a")
		w.stub.hold("app/q", "b")
		w.stub.fails["app/q"] = errDenied
		id, s := name("ns", "s"), w.finding("app")
		s.Wants[0].Takes = everything
		w.Subscribe(id, s)
		w.pass(time.Second)
		snapshot, _ := w.Peek(id)
		w.Forgo(id, snapshot.Seq)
		w.Refresh(id, "again")
		w.pass(interval)
		if snapshot := w.take(id); len(snapshot.Results) != 3 || !fault.Is(snapshot.Results[2].Err, fault.Denied) || snapshot.Results[2].Withheld != nil {
			w.Errorf("want the refusal told and nothing to forgo, got %+v", snapshot)
		}
	})
}

// emptied subscribes to a folder, one of whose entries shows nothing from then on; proof is what
// the backend says when it is asked for its field by name.
func (w *world) emptied(proof error) types.NamespacedName {
	w.Helper()
	w.stub.proofs = map[string]error{"b": proof}
	w.stub.hold("app/p", "a")
	w.stub.hold("app/q", "b")
	id, s := name("ns", "s"), w.finding("app")
	s.Wants[0].Takes = everything
	w.subscribe(id, s)
	w.stub.change(func() { w.stub.fails["app/q"] = errNothingShown })
	return id
}

// finds takes a snapshot, which shows so many entries that were found.
func (w *world) finds(id types.NamespacedName, want int) {
	w.Helper()
	snapshot := w.take(id)
	for _, result := range snapshot.Results {
		if result.Err != nil {
			w.Errorf("want no failure, got %v", result.Err)
		}
	}
	if len(snapshot.Found) != want {
		w.Errorf("want %d entries, got %+v", want, snapshot.Found)
	}
}

// TestEmptiedFolderIsProven: a folder whose fields were deleted one and all adds nothing any more.
func TestEmptiedFolderIsProven(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		id := w.emptied(errNotFound)
		w.pass(2 * interval)
		w.finds(id, 1)
	})
}

// TestHiddenFieldsAtRest: while a field is hidden, an entry that stays the same is told by its tag,
// and the field asked for with growing pauses.
func TestHiddenFieldsAtRest(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.tagged = true
		w.stub.proofs = map[string]error{"b": errDenied}
		w.stub.hold("p", "a")
		id := name("ns", "s")
		w.subscribe(id, w.knowing("p", "a", "b"))
		w.pass(10 * time.Minute)
		reads, proofs, unchanged := w.stub.readsOf("p"), w.stub.proofsMade(), w.stub.count(&w.stub.unchanged)
		w.pass(20 * time.Minute)
		reads, proofs, unchanged = w.stub.readsOf("p")-reads, w.stub.proofsMade()-proofs, w.stub.count(&w.stub.unchanged)-unchanged
		if reads != 80 || proofs != 4 || unchanged != reads-proofs {
			w.Errorf("want 80 reads, all unchanged but 4, and 4 proofs, got %d, %d and %d", reads, unchanged, proofs)
		}
	})
}
