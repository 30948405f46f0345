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
	Tagged    bool // the backend tells what is unchanged
}

type step struct {
	Do    string
	Sub   int
	Path  string
	After time.Duration
}

// paths are those of all stories.
func paths() []string { return []string{"a", "b", "c", "d"} }

func drawScript(t *rapid.T) script {
	path := rapid.SampledFrom(paths())
	duration := rapid.SampledFrom([]time.Duration{
		0, time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, time.Second, interval / 2, interval, 2 * interval,
	})
	s := script{
		Latencies: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(0, 9).Draw(t, "ms")) * time.Millisecond
		}), 1, 7).Draw(t, "latencies"),
		Wants:   rapid.SliceOfN(rapid.SliceOfN(path, 1, 4), 1, 5).Draw(t, "wants"),
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
			Path:  path.Draw(t, "path"),
			After: duration.Draw(t, "after"),
		}
	}), 1, 40).Draw(t, "steps")
	s.Tagged = rapid.Bool().Draw(t, "tagged")
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
	w.stub.latencies, w.stub.tagged = s.Latencies, s.Tagged
	for _, path := range paths() {
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
	if w.stub.closes() != w.stub.opens() {
		st.complainf("opened %d times, closed %d times", w.stub.opens(), w.stub.closes())
	}
	return st.findings
}

func (st *story) complainf(format string, args ...any) {
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
	fail := func(err error) func() {
		return func() {
			st.recover(s.Path)
			st.stub.change(func() { st.stub.fails[s.Path] = err })
		}
	}
	map[string]func(){
		"write":     func() { st.write(s.Path) },
		"take":      func() { st.reconcile(a) },
		"takeAll":   st.reconcileAll,
		"peek":      func() { st.Peek(a.id) },
		"fail":      fail(errUnavailable),
		"deny":      fail(errDenied),
		"remove":    func() { st.remove(s.Path) },
		"recover":   func() { st.recover(s.Path) },
		"down":      func() { st.stub.change(func() { st.stub.down = errUnavailable }) },
		"up":        func() { st.stub.change(func() { st.stub.down = nil }) },
		"refresh":   func() { st.refresh(a) },
		"kick":      func() { st.Kick(st.source().Backend) },
		"subscribe": func() { st.subscribe(a) },
		"epoch":     func() { a.epoch++; st.subscribe(a) },
		"unsubscribe": func() {
			a.active, a.last, a.asked = false, Snapshot{}, ""
			st.Unsubscribe(a.id)
		},
	}[s.Do]()
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
		st.complainf("%s got epoch %q, wants %q", a.id, snapshot.Epoch, a.sub.Epoch)
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
		st.complainf("%s got %v, which never was", a.id, values(s))
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
	for _, path := range paths() {
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
		if a.active {
			st.checkNewest(a)
		}
	}
	if st.heldBytes() != 0 || st.unacked != 0 {
		st.complainf("%d bytes are held for %d snapshots at rest", st.heldBytes(), st.unacked)
	}
}

// checkNewest complains unless an actor took what there is now, and got its answer.
func (st *story) checkNewest(a *actor) {
	for i, want := range a.sub.Wants {
		newest := st.state()[want.Ref.Path()]
		if len(a.last.Results) == 0 || number(a.last.Results[i]) != newest {
			st.complainf("%s last took %v, newest of %s is %d", a.id, values(a.last), want.Ref, newest)
		}
	}
	if a.asked != "" && a.handled != a.asked {
		st.complainf("%s asked for %q, last answer was %q", a.id, a.asked, a.handled)
	}
}

// countReadsAtRest complains unless each polled entry is read once per interval, others
// never, and nobody is woken.
func (st *story) countReadsAtRest() {
	const intervals = 10
	before, wakesBefore := st.stub.readsByPath(), st.allWakes()
	st.pass(intervals * interval)
	after := st.stub.readsByPath()
	for _, path := range paths() {
		got := after[path] - before[path]
		if polled := st.polled(path); (polled && (got < intervals-1 || got > intervals+1)) || (!polled && got > 0) {
			st.complainf("%s, polled %t, was read %d times in %d intervals", path, polled, got, intervals)
		}
	}
	if got := st.allWakes() - wakesBefore; got > 0 {
		st.complainf("%d wakes at rest", got)
	}
	// Each step may cause as many sweeps as there are subscribers, and no more.
	steps := len(st.script.Steps) + len(st.actors)
	elapsed := int(time.Since(st.born)/interval) + 1
	for path, reads := range after {
		if most := elapsed + steps*len(st.actors)*(maxSweeps+2); reads > most {
			st.complainf("%s was read %d times, at most %d can be explained", path, reads, most)
		}
	}
}

// polled reports whether somebody polls a path.
func (st *story) polled(path string) bool {
	return slices.ContainsFunc(st.actors, func(a *actor) bool {
		return a.active && a.sub.Interval > 0 &&
			slices.ContainsFunc(a.sub.Wants, func(want Want) bool { return want.Ref.Path() == path })
	})
}

func (st *story) allWakes() int {
	n := 0
	for _, a := range st.actors {
		n += st.wakes(a.id)
	}
	return n
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
		st.complainf("%d objects remain after all left", n)
	}
	if st.held != 0 || slices.ContainsFunc(st.stalled, func(u *upstream) bool { return u.stalled && st.full() }) {
		st.complainf("%d bytes are held after all left", st.held)
	}
}
