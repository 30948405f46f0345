// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
)

// idlePause is how long the loop sleeps when nothing is scheduled.
const idlePause = time.Hour

// errRunning is returned by a second Run.
var errRunning = errors.New("the poller was run before")

// Poller reads what its subscribers want. All methods are safe for concurrent use and
// none waits for a backend.
type Poller struct {
	clock       clock.WithTicker
	born        time.Time // a second before New, so that no offset is zero
	wake        func(types.NamespacedName)
	observer    Observer
	maxInFlight int
	maxHeld     int64
	marker      marker
	seed        maphash.Seed // of what stands for the IDs of values

	nudge chan struct{} // there is something to start
	news  chan struct{} // there is somebody to tell

	mu          sync.Mutex
	running     bool
	stopped     bool
	now         time.Duration // when the method that holds the lock began
	ticks       tick
	seq         uint64
	subscribers map[types.NamespacedName]*subscriber
	upstreams   map[string]*upstream
	alarms      alarms
	loopWakesAt time.Duration
	ready       []*upstream   // may be able to start reads
	unsettled   []*subscriber // an entry of theirs was read
	idle        []*opening    // to be closed
	wakes       []types.NamespacedName
	healthNews  []string
	onHealth    []func(string)
	held        int64       // bytes of values kept
	unacked     int         // snapshots with values that nobody acknowledged
	stalled     []*upstream // wait for acknowledgements
	shedding    alarm
}

// New returns a Poller that reads nothing before Run.
func New(o Options) *Poller {
	o = o.withDefaults()
	p := &Poller{
		clock:       o.Clock,
		born:        o.Clock.Now().Add(-time.Second),
		wake:        o.Wake,
		observer:    o.Observer,
		maxInFlight: o.MaxInFlight,
		maxHeld:     o.MaxHeldBytes,
		marker:      newMarker(),
		seed:        maphash.MakeSeed(),
		nudge:       make(chan struct{}, 1),
		news:        make(chan struct{}, 1),
		subscribers: map[types.NamespacedName]*subscriber{},
		upstreams:   map[string]*upstream{},
	}
	p.shedding.owner = shedder{}
	return p
}

// Run reads until ctx ends, then waits for the reads in flight, closes the sources and
// returns nil. A Poller runs once; a second Run is an error.
func (p *Poller) Run(ctx context.Context) error {
	p.lock()
	again := p.running
	p.running = true
	for _, u := range p.upstreams {
		p.touch(u)
	}
	p.unlock()
	if again {
		return errRunning
	}

	var work sync.WaitGroup
	work.Go(func() { p.tell(ctx) })
	timer := p.clock.NewTimer(idlePause)
	defer timer.Stop()
	for ctx.Err() == nil {
		plan := p.step()
		for _, r := range plan.reads {
			work.Go(func() { p.read(ctx, r) })
		}
		for _, o := range plan.closing {
			work.Go(func() { o.close(ctx) })
		}
		timer.Reset(plan.pause)
		select {
		case <-ctx.Done():
		case <-timer.C():
		case <-p.nudge:
		}
	}
	p.shutDown(ctx, &work)
	return nil
}

// plan is what the loop has to do outside the lock.
type plan struct {
	reads   []job
	closing []*opening
	pause   time.Duration
}

// step rings the alarms that are due and says which reads to start.
func (p *Poller) step() plan {
	p.lock()
	defer p.mu.Unlock()
	for a := p.alarms.due(p.now); a != nil; a = p.alarms.due(p.now) {
		a.owner.ring(p, p.now)
	}
	p.settle()
	var next plan
	for len(p.ready) > 0 {
		u := p.ready[len(p.ready)-1]
		p.ready = p.ready[:len(p.ready)-1]
		u.ready = false
		next.reads = p.dispatch(u, next.reads)
	}
	next.closing, p.idle = p.idle, nil
	next.pause = idlePause
	if at, ok := p.alarms.next(); ok {
		next.pause = min(idlePause, max(at-p.now, 0))
	}
	p.loopWakesAt = p.now + next.pause
	return next
}

func (p *Poller) shutDown(ctx context.Context, work *sync.WaitGroup) {
	p.lock()
	p.stopped = true
	p.unlock()
	work.Wait()

	p.lock()
	opened := p.idle
	for _, u := range p.upstreams {
		for _, s := range u.sources {
			opened = append(opened, s.opening)
		}
	}
	p.unlock()
	for _, o := range opened {
		work.Go(func() { o.close(ctx) })
	}
	work.Wait()
}

// tell calls back subscribers and health listeners, in order, without the lock.
func (p *Poller) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.news:
		}
		p.lock()
		wakes, healths, listeners := p.wakes, p.healthNews, p.onHealth
		p.wakes, p.healthNews = nil, nil
		p.unlock()
		for _, id := range wakes {
			p.wake(id)
		}
		for _, key := range healths {
			for _, listen := range listeners {
				listen(key)
			}
		}
	}
}

// lock takes the lock and the time.
func (p *Poller) lock() {
	p.mu.Lock()
	p.now = p.clock.Since(p.born)
}

// unlock settles the subscribers and lets the loop know if there is something for it.
func (p *Poller) unlock() {
	p.settle()
	at, scheduled := p.alarms.next()
	early := scheduled && at < p.loopWakesAt
	if len(p.ready) > 0 || len(p.idle) > 0 || early {
		signal(p.nudge)
	}
	p.mu.Unlock()
}

// touch has the loop look whether a backend's reads can start.
func (p *Poller) touch(u *upstream) {
	if !u.ready {
		u.ready = true
		p.ready = append(p.ready, u)
	}
}

// tick returns the next point of the poller's logical time.
func (p *Poller) tick() tick {
	p.ticks++
	return p.ticks
}

// time turns an offset into a time; zero stays zero.
func (p *Poller) time(offset time.Duration) time.Time {
	if offset == 0 {
		return time.Time{}
	}
	return p.born.Add(offset)
}

// signal sends without waiting; one signal is as good as many.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
