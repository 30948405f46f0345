// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// ListFolder lists what was written below a folder, unless it is told what to say.
func (s *stub) ListFolder(_ context.Context, ref backend.EntryRef, _ bool) (backend.FolderListing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.searched++
	if s.searchErr != nil || s.down != nil {
		return backend.FolderListing{}, firstError(s.searchErr, s.down)
	}
	listing := backend.FolderListing{Requests: 1, Names: slices.Clone(s.shows)}
	for path := range s.entries {
		if name, inside := strings.CutPrefix(path, ref.Path()+"/"); inside && !slices.Contains(s.conceals, name) {
			listing.Names = append(listing.Names, name)
		}
	}
	return listing, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// finding is a subscription to a folder, choosing the names without a #.
func (w *world) finding(folder string) Subscription {
	return Subscription{Epoch: "1", Interval: interval, Wants: []Want{{Source: w.source(), Ref: ref(w.TB, folder), Find: &Find{Choose: func(names []string) (found []Found) {
		for _, name := range names {
			if !strings.Contains(name, "#") {
				found = append(found, Found{Ref: ref(w.TB, backend.Join(folder, name)), Relative: name})
			}
		}
		return found
	}}}}}
}

// shown returns what a snapshot shows of what was found, or why it shows nothing.
func shown(snapshot Snapshot) map[string]string {
	all := map[string]string{}
	for _, result := range snapshot.Results {
		if result.Err != nil {
			return map[string]string{"error": fault.ReasonOf(result.Err)}
		}
	}
	for i, found := range snapshot.Found {
		result := snapshot.Results[len(snapshot.Results)-len(snapshot.Found)+i]
		all[found.Relative] = string(result.Entry.Fields["value"].Reveal())
	}
	return all
}

// until waits for the next snapshot, which must come within a few intervals, and takes it.
func (w *world) until(s string) map[string]string {
	w.Helper()
	for range 3 {
		if _, ok := w.Peek(name("ns", s)); ok {
			return shown(w.take(name("ns", s)))
		}
		w.pass(interval)
	}
	w.Fatalf("%s has no snapshot", s)
	return nil
}

func TestFolderIsFollowed(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(s *stub)
		want   map[string]string // nil: no snapshot
	}{
		"Nothing": {change: func(*stub) {}},
		"Changed": {change: func(s *stub) { s.write("app/a", "A2") }, want: map[string]string{"a": "A2", "b": "B"}},
		"Added":   {change: func(s *stub) { s.write("app/c", "C") }, want: map[string]string{"a": "A", "b": "B", "c": "C"}},
		"Removed": {
			change: func(s *stub) { s.change(func() { delete(s.entries, "app/b") }) },
			want:   map[string]string{"a": "A"},
		},
		"Exchanged": {
			change: func(s *stub) { s.change(func() { delete(s.entries, "app/b") }); s.write("app/c", "C") },
			want:   map[string]string{"a": "A", "c": "C"},
		},
		"AllRemoved": {
			reason: "what to make of that is the subscriber's business",
			change: func(s *stub) { s.change(func() { clear(s.entries) }) },
			want:   map[string]string{},
		},
		"Deleted": {
			reason: "a folder lists what is deleted softly",
			change: func(s *stub) {
				s.change(func() { s.fails["app/b"] = fault.New(fault.NotFound, backend.ReasonEntryDeleted, "deleted") })
			},
			want: map[string]string{"a": "A"},
		},
		"AddedDeleted": {
			reason: "what is deleted softly and was never read adds nothing",
			change: func(s *stub) {
				s.write("app/c", "C")
				s.change(func() { s.fails["app/c"] = fault.New(fault.NotFound, backend.ReasonVersionDestroyed, "destroyed") })
			},
			want: map[string]string{"a": "A", "b": "B"},
		},
		"AddedEmpty": {
			reason: "a folder within that never showed a field",
			change: func(s *stub) {
				s.write("app/c", "C")
				s.change(func() { s.fails["app/c"] = fault.New(fault.InvalidContent, backend.ReasonNothingShown, "empty") })
			},
			want: map[string]string{"a": "A", "b": "B"},
		},
		"Denied": {
			change: func(s *stub) { s.change(func() { s.fails["app/b"] = errDenied }) },
			want:   map[string]string{"error": "PermissionDenied"},
		},
		"ListingDenied": {
			change: func(s *stub) { s.change(func() { s.searchErr = errDenied }) },
			want:   map[string]string{"error": "PermissionDenied"},
		},
		"FolderGone": {
			change: func(s *stub) { s.change(func() { s.searchErr = errNotFound }) },
			want:   map[string]string{"error": backend.ReasonEntryNotFound},
		},
		"Concealed": {
			reason: "what is listed no more and can be read is there",
			change: func(s *stub) { s.change(func() { s.conceals = []string{"b"} }) },
			want:   map[string]string{"a": "A", "b": "B"},
		},
		"ConcealedAndDenied": {
			reason: "nor is it known to be gone if it may not be read",
			change: func(s *stub) { s.change(func() { s.conceals, s.fails["app/b"] = []string{"b"}, errDenied }) },
			want:   map[string]string{"error": "PermissionDenied"},
		},
		"NotChosen": {
			reason: "another name is news, and nothing more",
			change: func(s *stub) { s.change(func() { s.shows = []string{"#"} }) },
			want:   map[string]string{"a": "A", "b": "B"},
		},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			inWorld(t, Options{}, func(w *world) {
				w.stub.write("app/a", "A")
				w.stub.write("app/b", "B")
				w.Subscribe(name("ns", "s"), w.finding("app"))
				w.pass(time.Millisecond)
				if diff := cmp.Diff(map[string]string{"a": "A", "b": "B"}, w.until("s")); diff != "" {
					t.Fatalf("at first (-want +got):\n%s", diff)
				}
				tc.change(w.stub)
				w.pass(3 * interval)
				if tc.want == nil {
					w.nothing(name("ns", "s"))
					return
				}
				if diff := cmp.Diff(tc.want, w.until("s")); diff != "" {
					t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
				}
				w.pass(10 * interval)
				w.nothing(name("ns", "s"))
			})
		})
	}
}

func TestFolderThatAnswersAgainIsServed(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("app/a", "A")
		w.Subscribe(name("ns", "s"), w.finding("app"))
		w.pass(time.Millisecond)
		w.until("s")
		w.stub.change(func() { w.stub.searchErr = errDenied })
		w.pass(2 * interval)
		w.until("s")
		w.stub.write("app/b", "B")
		w.stub.change(func() { w.stub.searchErr = nil })
		w.pass(4 * interval)
		if diff := cmp.Diff(map[string]string{"a": "A", "b": "B"}, w.until("s")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestFolderIsListedOnceForAll(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("app/a", "A")
		for i := range 3 {
			s := w.finding("app")
			s.Interval = interval * time.Duration(i+1)
			w.Subscribe(name(fmt.Sprint("ns", i), "s"), s)
		}
		w.pass(10 * interval)
		before, reads := w.stub.searches(), w.stub.readsOf("app/a")
		w.pass(10 * interval)
		if got := w.stub.searches() - before; got != 10 {
			t.Errorf("%d listings in 10 intervals, want 10", got)
		}
		if got := w.stub.readsOf("app/a") - reads; got != 10 {
			t.Errorf("%d reads in 10 intervals, want 10", got)
		}
	})
}

// TestFolderAndItsEntriesAreOfOneMoment moves a value from entry to entry, which a snapshot
// shows once, whenever it was taken.
func TestFolderAndItsEntriesAreOfOneMoment(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.latencies = []time.Duration{time.Second, 3 * time.Second, 500 * time.Millisecond}
		w.stub.write("app/e0", "X")
		w.stub.write("app/other", "O")
		id := name("ns", "s")
		w.Subscribe(id, w.finding("app"))
		taken := 0
		for i := range 200 {
			w.pass(time.Second)
			if i%37 == 36 {
				w.stub.change(func() {
					entry := maps.Clone(w.stub.entries)
					clear(w.stub.entries)
					w.stub.entries["app/other"] = entry["app/other"]
					w.stub.entries[fmt.Sprintf("app/e%d", i)] = entryOf("1", "X")
				})
			}
			if snapshot, ok := w.Peek(id); ok {
				taken++
				if got := shown(snapshot); len(got) != 2 || got["other"] != "O" {
					t.Fatalf("after %d seconds: %v", i, got)
				}
				w.Ack(id, snapshot.Seq)
			}
		}
		if taken < 3 {
			t.Errorf("%d snapshots, want some", taken)
		}
	})
}

func TestAnotherChoiceIsFollowedAtOnce(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("app/a", "A")
		w.stub.write("app/b", "B")
		s := w.finding("app")
		w.Subscribe(name("ns", "s"), s)
		w.pass(time.Millisecond)
		w.until("s")
		all := s.Wants[0].Find.Choose
		fewer := w.finding("app")
		fewer.Wants[0].Find.Choose = func(names []string) []Found {
			return slices.DeleteFunc(all(names), func(f Found) bool { return f.Relative == "b" })
		}
		w.Subscribe(name("ns", "s"), fewer)
		w.pass(time.Millisecond)
		if diff := cmp.Diff(map[string]string{"a": "A"}, w.until("s")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestFoundEntriesAreForgotten proves that what is found no more costs no read and no memory.
func TestFoundEntriesAreForgotten(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		for i := range 20 {
			w.stub.write(fmt.Sprintf("app/e%d", i), "E")
		}
		w.Subscribe(name("ns", "s"), w.finding("app"))
		w.pass(time.Millisecond)
		w.until("s")
		w.stub.change(func() {
			clear(w.stub.entries)
			w.stub.entries["app/e0"] = entryOf("1", "E")
		})
		w.pass(4 * interval)
		w.until("s")
		if got := w.Health("ClusterSecretBackend/vault").Entries; got != 2 {
			t.Errorf("%d entries are read, want the folder and one", got)
		}
		w.Unsubscribe(name("ns", "s"))
		if got := len(w.Backends()); got != 0 || w.held != 0 || w.unacked != 0 {
			t.Errorf("%d backends, %d bytes and %d snapshots are left", got, w.held, w.unacked)
		}
	})
}

func TestBackendWithoutListingSaysSo(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		s := w.finding("app")
		s.Wants[0].Source.Open = func() (backend.Backend, error) { return struct{ backend.Backend }{w.stub}, nil }
		w.Subscribe(name("ns", "s"), s)
		w.pass(time.Millisecond)
		snapshot := w.take(name("ns", "s"))
		if err := snapshot.Results[0].Err; !fault.Is(err, fault.InvalidSpec) {
			t.Errorf("got %v, want InvalidSpec", err)
		}
	})
}

// TestNamesOfAFolderAreBounded: together they are not more than a look at them may cost.
func TestNamesOfAFolderAreBounded(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		for i := range 100 {
			w.stub.shows = append(w.stub.shows, strings.Repeat("a", backend.MaxFolderBytes/100)+strconv.Itoa(i))
		}
		id := name("ns", "s")
		w.Subscribe(id, w.finding("app"))
		w.pass(time.Millisecond)
		if err := w.take(id).Results[0].Err; fault.ReasonOf(err) != backend.ReasonFolderTooLarge {
			t.Errorf("got %v, want it refused", err)
		}
	})
}

func TestJudgeOfWhatWasFound(t *testing.T) {
	good := func(first, last tick) *entry {
		return &entry{tried: last, good: state{first: first, last: last}, held: &reading{}}
	}
	folder := &entry{as: asFolder, tried: 5, good: state{first: 2, last: 5, at: 1}}
	away := func(first, last tick) *entry {
		return &entry{src: &source{}, tried: last, err: errNotFound, away: span{first, last}}
	}
	cases := map[string]struct {
		found *entry
		want  progress
		bound tick
	}{
		"There":     {found: good(3, 4), want: whole},
		"Later":     {found: good(6, 7), want: torn, bound: 6},
		"Away":      {found: away(3, 6), want: whole},
		"AwayLater": {found: away(6, 7), want: torn, bound: 6},
		"AwayOnce":  {found: away(4, 3), want: torn, bound: 4},
		"Denied":    {found: &entry{tried: 6, err: errDenied}, want: broken},
		"Unread":    {found: &entry{}, want: incomplete},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			got, bound := subscriberOf(1, folder, tc.found).judge(make([]tick, 2))
			if got != tc.want || bound != tc.bound {
				t.Errorf("judged %d after %d, want %d after %d", got, bound, tc.want, tc.bound)
			}
		})
	}
	if got, _ := subscriberOf(2, folder, away(3, 6)).judge(make([]tick, 2)); got != broken {
		t.Errorf("judged %d of a named entry that is missing, want it broken", got)
	}
}
