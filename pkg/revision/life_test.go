// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision_test

import (
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/revision"
)

// life is a model of one SecretSync with its target, its revisions and its backend, whose
// contents are numbers. Its reconcile is the controller's in small: it knows, resolves,
// decides, and writes revision, target, status; it can die before any of these.
type life struct {
	now     time.Time
	backend int
	down    bool
	text    string
	// news says that the backend was not read since it changed, or since a death: what was
	// told once is not told again.
	news bool

	// takesBack says that what Pods do not come up with is taken back, accepted what a person
	// lets go.
	takesBack bool
	accepted  string

	kept    map[int64]int
	highest int64 // that was ever recorded, for the index
	restart int64 // the revision that last changed the target's content
	target  revision.Target
	content int
	status  revision.Status
}

func newLife() *life { return &life{now: clock("08:00"), kept: map[int64]int{}, news: true} }

func (l *life) copy() *life {
	c := *l
	c.kept = maps.Clone(l.kept)
	c.status.Lives = slices.Clone(l.status.Lives)
	return &c
}

func (l *life) known() revision.Known {
	told := revision.Told{Asked: l.text, Accepted: l.accepted, Failed: l.failed(), Kept: slices.Sorted(maps.Keys(l.kept)), Target: l.target, Status: l.status}
	if n := len(told.Kept); n > 0 {
		told.Newest = told.Kept[n-1]
		told.Indexed = told.Newest
	}
	return revision.Know(told)
}

// poison is the least content that Pods do not come up with.
const poison = 4

// failed returns the revision with which Pods do not come up, if that is to be taken back. It is
// known at once: how long they are waited for does not matter here.
func (l *life) failed() int64 {
	if content, ok := l.kept[l.restart]; l.takesBack && ok && content >= poison {
		return l.restart
	}
	return 0
}

// Deaths: before which write a reconcile dies.
const (
	beforeRecord = iota
	beforeTarget
	beforeStatus
	never
)

// settled is how many reconciles it takes at most until nothing changes any more: one
// records what was asked for before it was there, one serves it, one takes it back.
const settled = 4

// reconcile runs until it dies, and returns what it decided.
func (l *life) reconcile(death int) revision.Decision {
	l.now = l.now.Add(time.Minute)
	known := l.known()
	asked, _ := revision.Resolve(l.text, known, l.now)
	rendered := revision.None
	if !l.down && l.news {
		rendered = revision.New
		if content, ok := l.kept[known.Newest]; ok && content == l.backend {
			rendered = revision.Same
		}
	}
	d := revision.Decide(known, rendered, asked)
	if d.Record > 0 && death > beforeRecord {
		l.kept[d.Record], l.highest = l.backend, d.Record
	}
	if content, ok := l.kept[d.Serve]; ok && death > beforeTarget {
		if known.Serving > 0 && known.Serving != d.Serve && l.kept[known.Serving] != content {
			l.restart = d.Serve
		}
		l.target, l.content = revision.Target{Number: d.Serve, HeldFor: d.Hold.Request}, content
	}
	if l.target.Number > 0 && death > beforeStatus {
		l.note(d)
	}
	l.news = l.down && l.news || death != never
	return d
}

func (l *life) note(d revision.Decision) {
	if l.status.Serving != l.target.Number {
		l.status.Lives = slices.Insert(l.status.Lives, 0, revision.Life{Number: l.target.Number, From: l.now})
	}
	l.status.Serving, l.status.Held = l.target.Number, d.Hold
	l.status.Newest = max(l.status.Newest, l.highest)
}

// prune deletes all revisions but the newest few and those that must stay.
func (l *life) prune(limit int) {
	numbers := slices.Sorted(maps.Keys(l.kept))
	for _, number := range numbers[:max(0, len(numbers)-limit)] {
		previous := len(l.status.Lives) > 1 && l.status.Lives[1].Number == number
		if number != l.target.Number && number != l.status.Serving && !previous {
			delete(l.kept, number)
		}
	}
}

// outcome is what must be the same however a reconcile came to its end.
type outcome struct {
	Target  revision.Target
	Content int
	Kept    map[int64]int
	Serving int64
	Held    revision.Hold
}

func (l *life) outcome() outcome {
	return outcome{l.target, l.content, l.kept, l.status.Serving, l.status.Held}
}

// do makes something happen to a life.
func (l *life) do(t *rapid.T) {
	switch rapid.IntRange(0, 10).Draw(t, "what happens") {
	case 0, 1:
		l.backend, l.news = rapid.IntRange(0, 5).Draw(t, "value"), true
	case 2:
		l.down = !l.down
	case 3:
		number := strconv.Itoa(rapid.IntRange(1, 9).Draw(t, "number"))
		l.text = rapid.SampledFrom([]string{number, number, revision.Previous, revision.Current, "nonsense"}).Draw(t, "text")
	case 4:
		l.text = l.now.Add(-time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes")) * time.Minute).Format(time.RFC3339)
	case 5:
		l.text = ""
	case 6:
		l.status = revision.Status{}
	case 7:
		if numbers := slices.Sorted(maps.Keys(l.kept)); len(numbers) > 0 {
			l.target = revision.Target{Number: rapid.SampledFrom(numbers).Draw(t, "edited number")}
			l.content = l.kept[l.target.Number]
		}
	case 9:
		l.accepted = rapid.SampledFrom([]string{"", revision.Automatic(l.restart), l.status.Held.Request}).Draw(t, "accepted")
	case 8:
		l.prune(rapid.IntRange(1, 4).Draw(t, "limit"))
	}
}

// TestLives: through changes, rollbacks, prunes, crashes, outages and lost statuses, numbers
// never repeat, what is served is the newest or the requested state, a hold moves only with
// its text, and a crash at any write leads to the same end.
func TestLives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLife()
		l.takesBack = rapid.Bool().Draw(t, "takes back")
		recorded := map[int64]int{}
		var held revision.Hold
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			l.do(t)
			straight := l.copy()
			before := l.known()
			for range settled {
				straight.reconcile(never)
			}
			l.reconcile(rapid.IntRange(beforeRecord, never).Draw(t, "death"))
			var d revision.Decision
			for range settled - 1 {
				d = l.reconcile(never)
			}
			if diff := cmp.Diff(straight.outcome(), l.outcome()); diff != "" {
				t.Fatalf("a crash leads to another end (-straight +crashed):\n%s", diff)
			}
			for number, content := range l.kept {
				if was, ok := recorded[number]; ok && was != content {
					t.Fatalf("number %d was used for %d and for %d", number, was, content)
				}
				recorded[number] = content
			}
			l.check(t, before, d, held)
			held = d.Hold
			rest := l.outcome()
			l.reconcile(never)
			if diff := cmp.Diff(rest, l.outcome()); diff != "" {
				t.Fatalf("it does not come to rest (-before +after):\n%s", diff)
			}
		}
	})
}

// check compares what is served with what was asked for.
func (l *life) check(t *rapid.T, before revision.Known, d revision.Decision, held revision.Hold) {
	taken := revision.TakenBack(d.Hold.Request)
	newest := slices.Max(append(slices.Collect(maps.Keys(l.kept)), 0))
	switch {
	case taken > 0 && !l.takesBack, taken > 0 && l.text == "" && (l.accepted == d.Hold.Request || newest > taken):
		t.Fatalf("%+v is held, accepted is %q and the newest is %d", d.Hold, l.accepted, newest)
	case taken > 0 && l.target.Number == taken:
		t.Fatalf("%+v holds what failed", d.Hold)
	case l.target.Number == 0 && (len(l.kept) > 0 || !l.down):
		t.Fatal("a state exists and no Secret does")
	case l.target.Number == 0:
	case l.text != "" && l.text == held.Request && d.Hold != held:
		t.Fatalf("the hold went from %+v to %+v under the same text", held, d.Hold)
	case d.Hold.Request != "" && d.Hold.Number != l.target.Number:
		t.Fatalf("%+v is not held: %+v", d.Hold, l.target)
	case l.text != "" && d.Hold.Request != l.text && before.Serving > 0 && l.target.Number != before.Serving:
		t.Fatalf("%q cannot be done, and what is served went from %d to %d", l.text, before.Serving, l.target.Number)
	case l.text == "" && taken > 0:
	case l.text == "" && !l.down && l.content != l.backend:
		t.Fatalf("%d is served while the backend holds %d", l.content, l.backend)
	case l.text == "" && l.target.Number != slices.Max(slices.Collect(maps.Keys(l.kept))):
		t.Fatalf("%d is served and not the newest", l.target.Number)
	}
}
