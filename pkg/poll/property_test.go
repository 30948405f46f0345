// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"
)

// script is a random story: who wants what, and what happens when.
type script struct {
	Latencies []time.Duration // of the reads, in turn
	Wants     [][]string      // by subscriber
	Lazy      []bool          // by subscriber: no interval
	MaxHeld   int64
	Limits    Limits
	Steps     []step
}

type step struct {
	Do    string
	Sub   int
	Path  string
	After time.Duration
}

func drawScript(t *rapid.T) script {
	paths := rapid.SampledFrom([]string{"a", "b", "c", "d"})
	duration := rapid.SampledFrom([]time.Duration{
		0, time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, time.Second, interval / 2, interval, 2 * interval,
	})
	s := script{
		Latencies: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(0, 9).Draw(t, "ms")) * time.Millisecond
		}), 1, 7).Draw(t, "latencies"),
		Wants:   rapid.SliceOfN(rapid.SliceOfN(paths, 1, 4), 1, 5).Draw(t, "wants"),
		MaxHeld: rapid.SampledFrom([]int64{1, 400, 32 << 20}).Draw(t, "held"),
		Limits: Limits{
			ReadsPerSecond: rapid.SampledFrom([]int{0, 5, 100}).Draw(t, "rate"),
			Burst:          rapid.IntRange(1, 5).Draw(t, "burst"),
			MinInterval:    5 * time.Second,
		},
	}
	for range s.Wants {
		s.Lazy = append(s.Lazy, rapid.IntRange(0, 4).Draw(t, "lazy") == 0)
	}
	s.Steps = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			Do: rapid.SampledFrom([]string{
				"write", "write", "write", "take", "take", "takeAll", "peek", "fail", "deny", "remove", "recover", "down", "up",
				"refresh", "kick", "subscribe", "epoch", "unsubscribe",
			}).Draw(t, "do"),
			Sub:   rapid.IntRange(0, len(s.Wants)-1).Draw(t, "sub"),
			Path:  paths.Draw(t, "path"),
			After: duration.Draw(t, "after"),
		}
	}), 1, 40).Draw(t, "steps")
	return s
}

// TestRandomStories proves on random stories that nobody misses the newest state, that no
// snapshot mixes before and after, that reads stay bounded, and that nothing is kept.
func TestRandomStories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScript(rt)
		var findings []string
		synctest.Test(t, func(t *testing.T) { findings = play(t, s) })
		if len(findings) > 0 {
			rt.Fatalf("%q", findings)
		}
	})
}

// actor is one subscriber of a story.
type actor struct {
	id      types.NamespacedName
	sub     Subscription
	active  bool
	epoch   int
	last    Snapshot // the last one taken
	asked   string
	handled string
}

// story plays a script.
type story struct {
	*world

	script   script
	actors   []*actor
	moments  []map[string]int // the state after each write and deletion; 0 is absent
	writes   int
	requests int
	findings []string
}

func play(t *testing.T, s script) []string {
	t.Helper()
	w := newWorld(t, Options{MaxHeldBytes: s.MaxHeld})
	w.limits = s.Limits
	st := &story{world: w, script: s, moments: []map[string]int{{}}}
	w.stub.latencies = s.Latencies
	for _, path := range []string{"a", "b", "c", "d"} {
		st.write(path)
	}
	for i, wants := range s.Wants {
		a := &actor{id: name("ns"+strconv.Itoa(i%2), strconv.Itoa(i)), sub: w.subscription(wants...)}
		if s.Lazy[i] {
			a.sub.Interval = 0
		}
		st.actors = append(st.actors, a)
		st.subscribe(a)
	}
	stop := w.start()
	for _, step := range s.Steps {
		st.do(step)
		w.pass(step.After)
	}
	st.comeToRest()
	st.countReadsAtRest()
	st.leave()
	stop()
	if w.stub.closed != w.stub.opened {
		st.complain("opened %d times, closed %d times", w.stub.opened, w.stub.closed)
	}
	return st.findings
}

func (st *story) complain(format string, args ...any) {
	st.findings = append(st.findings, fmt.Sprintf(format, args...))
}

// state returns the state of the backend now.
func (st *story) state() map[string]int { return st.moments[len(st.moments)-1] }

// put records a new state with another number at a path.
func (st *story) put(path string, n int) {
	next := maps.Clone(st.state())
	next[path] = n
	st.moments = append(st.moments, next)
}

func (st *story) write(path string) {
	st.writes++
	st.put(path, st.writes)
	st.stub.change(func() { delete(st.stub.fails, path) })
	st.stub.write(path, strconv.Itoa(st.writes))
}

// remove makes a path vanish, version and all.
func (st *story) remove(path string) {
	st.put(path, 0)
	st.stub.change(func() { st.stub.fails[path] = errNotFound })
}

// recover ends the trouble of a path; what was removed is back as it was.
func (st *story) recover(path string) {
	st.stub.change(func() {
		delete(st.stub.fails, path)
		n, _ := strconv.Atoi(string(st.stub.entries[path].Fields["value"].Reveal()))
		st.put(path, n)
	})
}

func (st *story) subscribe(a *actor) {
	a.active = true
	a.sub.Epoch = strconv.Itoa(a.epoch)
	st.Subscribe(a.id, a.sub)
}

func (st *story) do(s step) {
	a := st.actors[s.Sub]
	switch s.Do {
	case "write":
		st.write(s.Path)
	case "take":
		st.reconcile(a)
	case "takeAll":
		st.reconcileAll()
	case "peek":
		st.Peek(a.id)
	case "fail":
		st.recover(s.Path)
		st.stub.change(func() { st.stub.fails[s.Path] = errUnavailable })
	case "deny":
		st.recover(s.Path)
		st.stub.change(func() { st.stub.fails[s.Path] = errDenied })
	case "recover":
		st.recover(s.Path)
	case "remove":
		st.remove(s.Path)
	case "down":
		st.stub.change(func() { st.stub.down = errUnavailable })
	case "up":
		st.stub.change(func() { st.stub.down = nil })
	case "refresh":
		st.refresh(a)
	case "kick":
		st.Kick(st.source().Backend)
	case "subscribe":
		st.subscribe(a)
	case "epoch":
		a.epoch++
		st.subscribe(a)
	case "unsubscribe":
		a.active, a.last, a.asked = false, Snapshot{}, ""
		st.Unsubscribe(a.id)
	}
}

func (st *story) refresh(a *actor) {
	if a.active {
		st.requests++
		a.asked = strconv.Itoa(st.requests)
		st.Refresh(a.id, a.asked)
	}
}

func (st *story) reconcileAll() {
	for _, a := range st.actors {
		st.reconcile(a)
	}
}

// reconcile does what a controller does: takes what is there.
func (st *story) reconcile(a *actor) {
	snapshot, ok := st.Peek(a.id)
	if !ok {
		return
	}
	if snapshot.Epoch != a.sub.Epoch {
		st.complain("%s got epoch %q, wants %q", a.id, snapshot.Epoch, a.sub.Epoch)
	}
	st.checkMoment(a, snapshot)
	if snapshot.Request != "" {
		a.handled = snapshot.Request
	}
	a.last = snapshot
	st.Ack(a.id, snapshot.Seq)
}

// checkMoment complains unless there was a moment at which all values of a snapshot held.
func (st *story) checkMoment(a *actor, s Snapshot) {
	for _, r := range s.Results {
		if r.Err != nil {
			return
		}
	}
	held := func(state map[string]int) bool {
		for i, r := range s.Results {
			if state[a.sub.Wants[i].Ref.Path()] != number(r) {
				return false
			}
		}
		return true
	}
	if !slices.ContainsFunc(st.moments, held) {
		st.complain("%s got %v, which never was", a.id, values(s))
	}
}

func number(r Result) int {
	n, err := strconv.Atoi(string(r.Entry.Fields["value"].Reveal()))
	if err != nil {
		return -1
	}
	return n
}

// comeToRest ends all trouble and lets every actor catch up.
func (st *story) comeToRest() {
	st.stub.change(func() { st.stub.down = nil })
	for _, path := range []string{"a", "b", "c", "d"} {
		st.recover(path)
	}
	for _, a := range st.actors {
		if a.sub.Interval == 0 {
			st.refresh(a)
		}
	}
	for end := time.Now().Add(2*maxBackoff + 2*interval); time.Now().Before(end); {
		st.reconcileAll()
		st.pass(interval / 3)
	}
	st.reconcileAll()
	for _, a := range st.actors {
		if !a.active {
			continue
		}
		for i, want := range a.sub.Wants {
			newest := st.state()[want.Ref.Path()]
			if len(a.last.Results) == 0 || number(a.last.Results[i]) != newest {
				st.complain("%s last took %v, newest of %s is %d", a.id, values(a.last), want.Ref, newest)
			}
		}
		if a.asked != "" && a.handled != a.asked {
			st.complain("%s asked for %q, last answer was %q", a.id, a.asked, a.handled)
		}
	}
	if st.heldBytes() != 0 || st.unacked != 0 {
		st.complain("%d bytes are held for %d snapshots at rest", st.heldBytes(), st.unacked)
	}
}

// countReadsAtRest complains unless each polled entry is read once per interval, others
// never, and nobody is woken.
func (st *story) countReadsAtRest() {
	polled := map[string]bool{}
	for _, a := range st.actors {
		for _, want := range a.sub.Wants {
			polled[want.Ref.Path()] = polled[want.Ref.Path()] || (a.active && a.sub.Interval > 0)
		}
	}
	before := map[string]int{}
	for path := range polled {
		before[path] = st.stub.readsOf(path)
	}
	wakes := 0
	for _, a := range st.actors {
		wakes -= st.wakes(a.id)
	}
	const intervals = 10
	st.pass(intervals * interval)
	for path, yes := range polled {
		got := st.stub.readsOf(path) - before[path]
		if (yes && (got < intervals-1 || got > intervals+1)) || (!yes && got > 0) {
			st.complain("%s, polled %t, was read %d times in %d intervals", path, yes, got, intervals)
		}
	}
	for _, a := range st.actors {
		wakes += st.wakes(a.id)
	}
	if wakes > 0 {
		st.complain("%d wakes at rest", wakes)
	}
	// Each step may cause as many sweeps as there are subscribers, and no more.
	trips := len(st.script.Steps) + len(st.actors)
	elapsed := int(time.Since(st.born)/interval) + 1
	for path, starts := range st.stub.starts {
		if most := elapsed + trips*len(st.actors)*(maxSweeps+2); len(starts) > most {
			st.complain("%s was read %d times, at most %d can be explained", path, len(starts), most)
		}
	}
}

// leave unsubscribes everybody: nothing may remain.
func (st *story) leave() {
	for _, a := range st.actors {
		st.Unsubscribe(a.id)
	}
	st.pass(time.Second)
	st.lock()
	defer st.unlock()
	if n := len(st.subscribers) + len(st.upstreams) + len(st.alarms.heap) + len(st.idle); n > 0 {
		st.complain("%d objects remain after all left", n)
	}
	if st.held != 0 || slices.ContainsFunc(st.stalled, func(u *upstream) bool { return u.stalled && st.full() }) {
		st.complain("%d bytes are held after all left", st.held)
	}
}
