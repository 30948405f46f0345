// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"errors"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// job is one read to be made.
type job struct {
	entry   *entry
	opening *opening
	probe   bool
	timeout time.Duration
	census  census
	// known is the tag of the last good read, if the value is of no use as long as it stands.
	known string
	// expected are the fields that must be there, or be proven to be gone; told are those of
	// which it is known already why they are not.
	expected []backend.Field
	told     []lack
}

// outcome is what a read found.
type outcome struct {
	entry        backend.Entry
	unchanged    bool // the entry is as the last good read found it
	err          error
	mark         mark
	openErr      bool
	alive        bool // the entry was not found, but what holds it is there
	listing      backend.FolderListing
	versions     []string
	proof        proof
	proves       bool // fields can be proven
	capabilities backend.Capabilities
}

// demand has e read by a read that starts after a tick, in the turn of a namespace.
func (p *Poller) demand(e *entry, after tick, lane string) {
	switch {
	case e.reading && e.started > after:
	case e.reading:
		e.want = max(e.want, after)
	case e.queued:
		e.src.up.queue.push(lane, e, true)
	default:
		p.admit(e, lane, true)
	}
}

// admit queues a read, or lets it fail at once if the backend must not be asked.
func (p *Poller) admit(e *entry, lane string, urgent bool) {
	u := e.src.up
	p.touch(u)
	pause := e.src.silentUntil() - p.now
	switch {
	case e.src.openErr != nil:
		p.failFast(e, e.src.openErr)
	case e.notBefore > p.now:
		p.failFast(e, e.err)
		p.alarms.hasten(&e.alarm, e.notBefore)
	case u.breaker.open:
		u.park(e)
		p.alarms.clear(&e.alarm)
		if e.err != nil || (e.good.at == 0 && !u.breaker.tells(p.now)) {
			p.failFast(e, u.silent())
		}
	case pause > e.base():
		p.failFast(e, u.throttled())
		p.alarms.set(&e.alarm, recoverAt(e.src.silentUntil(), e.base(), e.phase))
	case pause > 0:
		p.alarms.set(&e.alarm, e.src.silentUntil())
	default:
		e.queued = true
		p.alarms.clear(&e.alarm)
		u.queue.push(lane, e, urgent)
	}
}

// dispatch starts the reads of a backend that may start now.
func (p *Poller) dispatch(u *upstream, jobs []job) []job {
	if !p.running || p.stopped {
		return jobs
	}
	if u.breaker.open {
		return p.dispatchProbe(u, jobs)
	}
	for u.queue.len() > 0 && u.inFlight < p.maxInFlight {
		if wait := u.bucket.wait(p.now); wait > 0 {
			p.alarms.set(&u.alarm, p.now+wait)
			if !u.slowed {
				u.slowed = true
				p.observer.Throttled(u.key, wait)
			}
			return jobs
		}
		u.slowed = false
		if p.full() {
			p.stall(u)
			return jobs
		}
		if e, ok := u.queue.pop(); ok && e.queued {
			jobs = append(jobs, p.start(e, false))
		}
	}
	return jobs
}

func (p *Poller) start(e *entry, probe bool) job {
	u := e.src.up
	e.queued, e.reading = false, true
	e.started, e.startedAt = p.tick(), p.now
	p.alarms.clear(&e.alarm)
	u.bucket.spend(p.now)
	u.inFlight++
	e.src.inFlight++
	timeout := u.limits.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return job{
		entry: e, opening: e.src.opening, probe: probe, timeout: timeout, census: e.census(),
		known: e.known(p.now), expected: e.expected(), told: e.told(p.now),
	}
}

// read makes one read, in a goroutine of its own.
func (p *Poller) read(ctx context.Context, j job) {
	p.finish(j, p.ask(ctx, j))
}

// observed calls f and tells the observer of it.
func observed[T any](ctx context.Context, p *Poller, j job, operation Operation, f func(context.Context) (T, error)) (T, error) {
	from := p.clock.Now()
	result, err := within(ctx, j.timeout, f)
	err = classed(err)
	p.observer.Request(j.entry.src.up.key, operation, fault.ClassOf(err), p.clock.Since(from))
	return result, err
}

func (p *Poller) ask(ctx context.Context, j job) (out outcome) {
	defer func() {
		if recover() != nil {
			out = panicked()
		}
	}()
	b, err := j.opening.get()
	if err != nil {
		return outcome{err: classed(err), openErr: true}
	}
	if j.entry.lists() {
		return p.search(ctx, j, b)
	}
	out.entry, out.unchanged, out.err = p.readOrProbe(ctx, j, b)
	out.capabilities = b.Capabilities()
	switch prover, proves := b.(backend.ContainerProver); {
	case out.err == nil && !out.unchanged:
		out.mark = p.marker.good(out.entry)
		_, out.proves = b.(backend.FieldProver)
		out.proof, out.err = p.prove(ctx, j, b, out.entry)
	case fault.ReasonOf(out.err) == backend.ReasonNothingShown:
		out.proof, _ = p.prove(ctx, j, b, backend.Entry{})
	case out.unchanged:
		out.mark = j.census.before
	case proves && missingEntry(j.entry.ref, out.err):
		_, err := observed(ctx, p, j, OperationProve, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, prover.ProveContainer(ctx, j.entry.ref)
		})
		out.alive = err == nil
	}
	out.versions = p.list(ctx, j, b, out)
	return out
}

// readOrProbe makes the request that the job is about.
func (p *Poller) readOrProbe(ctx context.Context, j job, b backend.Backend) (entry backend.Entry, unchanged bool, err error) {
	if j.entry.probes() {
		_, err = observed(ctx, p, j, OperationProbe, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, b.Probe(ctx)
		})
		return entry, false, err
	}
	conditional, able := b.(backend.ConditionalReader)
	entry, err = observed(ctx, p, j, OperationRead, func(ctx context.Context) (read backend.Entry, err error) {
		if !able || j.known == "" {
			return b.Read(ctx, j.entry.ref)
		}
		read, unchanged, err = conditional.ReadUnless(ctx, j.entry.ref, j.known)
		return read, err
	})
	return entry, unchanged && err == nil, err
}

// within calls f with a context that ends after the timeout.
func within[T any](ctx context.Context, timeout time.Duration, f func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return f(ctx)
}

// classed makes sure that an error has a class.
func classed(err error) error {
	switch {
	case err == nil || fault.As(err) != nil:
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fault.New(fault.Unavailable, "Timeout", "the backend did not answer in time").Because(err)
	default:
		return fault.New(fault.Internal, "Unclassified", "reading the entry failed for a reason that is not known").Because(err)
	}
}

// finish takes the outcome of a read into the state.
func (p *Poller) finish(j job, out outcome) {
	p.lock()
	defer p.unlock()
	e := j.entry
	u := e.src.up
	u.inFlight--
	e.src.inFlight--
	e.reading = false
	if e.detached {
		p.discard(e.src)
	}
	if p.stopped {
		return
	}
	p.touch(u)
	p.noteOpening(j, out)
	p.note(j, out.err)
	p.spend(u, out)
	p.noteCapabilities(u, out.capabilities)
	if e.detached {
		return
	}
	if e.outgrew(j, out) {
		p.demand(e, e.started, e.lane())
		return
	}
	e.bury(out.proof.gone)
	if n := len(e.links) - 1; n > 0 {
		p.observer.Spared(u.key, n)
	}
	out.err = p.doubt(e, out)
	if out.err == nil {
		p.succeed(e, out)
	} else {
		p.fail(e, out)
	}
	e.tried, e.endedAt, e.versions = e.started, p.now, out.versions
	p.reschedule(e)
	p.observe(e)
	p.settle()
	p.trim(e)
	if e.want >= e.started && !e.queued && !e.detached {
		e.want = 0
		p.demand(e, e.started, e.lane())
	}
}

// spend counts the requests that were made beside the read.
func (p *Poller) spend(u *upstream, out outcome) {
	if out.versions != nil {
		u.bucket.spend(p.now)
	}
	for range out.proof.requests + max(out.listing.Requests-1, 0) {
		u.bucket.spend(p.now)
	}
}

// succeed records a good read.
func (p *Poller) succeed(e *entry, out outcome) {
	if out.mark != e.good.mark {
		e.good.mark = out.mark
		e.good.version = out.entry.Version
		e.good.first = p.tick()
		p.drop(e)
	}
	if !out.unchanged {
		e.good.made, e.good.tag, e.good.values = out.entry.VersionTime, out.entry.Tag, p.stampsOf(out.entry)
	}
	if !out.unchanged {
		p.learn(e, out) // It has to know when the entry was last read well before.
	}
	e.good.at = p.now
	e.good.last = e.started
	e.mark, e.err, e.fails = out.mark, nil, 0
	e.notBefore, e.staleFrom = 0, 0
	p.found(e)
	if e.away = (span{}); e.lists() {
		e.names = out.listing.Names
		return
	}
	if e.held == nil && !out.unchanged {
		p.hold(e, out.entry)
	}
}

// fail records a failed read.
func (p *Poller) fail(e *entry, out outcome) {
	u := e.src.up
	if fault.Is(out.err, fault.Unavailable) && (e.fails == 0 || u.answered < e.tried) {
		u.park(e) // nobody else got an answer since, so the first one ends the backoff
	}
	if fault.Is(out.err, fault.NotFound) {
		e.good.mark = mark{} // it does not hold any more, even if it comes back
	}
	if missingEntry(e.ref, e.err) != missingEntry(e.ref, out.err) {
		e.away = span{} // It was away in another way.
	}
	e.fails++
	e.err = out.err
	if e.bare() {
		p.shut(e, out.proof)
	}
	p.noteAway(e)
	if hint := min(fault.RetryAfter(out.err), maxRetryAfter); hint > 0 {
		e.notBefore = p.now + hint
	}
	p.lost(e, out)
	e.mark = p.marker.failing(e.err, e.missing.gone, e.missing.mass)
}

// failFast lets a read fail without making it. What is known to fail keeps its reason.
func (p *Poller) failFast(e *entry, err error) {
	e.tried, e.want = p.tick(), 0
	if e.err == nil {
		e.err = err
		e.fails = 1
		e.mark = p.marker.failing(err, false, false)
	}
	p.observe(e)
}
