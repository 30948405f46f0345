// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
)

// tick is a point in the poller's logical time: starts and ends of reads have distinct
// ticks in the order in which they happened. Zero is before everything.
type tick uint64

// entry is one reference in one source that somebody wants, and what is known of it.
// It keeps no value but the one that somebody is about to take.
type entry struct {
	alarm

	src        *source
	ref        backend.EntryRef
	phase      float64
	interval   time.Duration // the shortest wanted; 0 if nobody polls
	links      []link
	collectors int // how many links are waiting for a snapshot

	mark mark  // what is known now
	err  error // why the last read failed; nil if it was good
	good state // what the last good read found
	away span  // since when the entry was found missing
	// names are those that a folder listed when it was last read well.
	names []string
	held  *reading
	// versions are those of the entry, if the last read listed them; else nil.
	versions []string
	// proofs are of the fields, nil where they cannot be proven.
	proofs  *proofs
	missing missing
	fails   int // in a row

	want    tick // a read has to start after this
	started tick // when the last read started
	tried   tick // start of the last attempt that ended

	startedAt time.Duration
	endedAt   time.Duration
	notBefore time.Duration // the backend asked not to be asked before
	staleFrom time.Duration // since when answers are older than the last good one

	as                                 kind
	queued, reading, waiting, detached bool
}

// state is what a good read found.
type state struct {
	mark    mark
	version string
	made    time.Time     // when the backend made the version
	values  []stamp       // which versions its values have, where they have any
	tag     string        // what stands for it in the backend; empty if nothing does
	at      time.Duration // end of the last read that found it
	first   tick          // end of the first read in a row that found it
	last    tick          // start of the last read that found it
}

// link connects an entry with the place it has in a subscriber's wants.
type link struct {
	sub   *subscriber
	place int
}

// read reports whether the entry was read, well or not.
func (e *entry) read() bool { return e.tried > 0 }

// probes reports whether e stands for a probe of its source rather than for an entry in it.
func (e *entry) probes() bool { return e.ref == backend.EntryRef{} }

// known returns the tag of what is known, if a value is of no use as long as it stands:
// nobody waits for one, and what was read last was good and is not to be proven anew.
func (e *entry) known(now time.Duration) string {
	if e.err != nil || e.collectors > 0 || e.good.mark == (mark{}) || e.unproven(now) {
		return ""
	}
	return e.good.tag
}

// base is the pace of the entry's retries, and how old an answer may be to serve a newcomer.
func (e *entry) base() time.Duration {
	if e.interval > 0 {
		return e.interval
	}
	return max(minBase, e.src.up.limits.MinInterval)
}

// lane is whose turn a routine read is.
func (e *entry) lane() string {
	if len(e.links) == 0 {
		return ""
	}
	return e.links[0].sub.id.Namespace
}

// ring is called when the entry is due.
func (e *entry) ring(p *Poller, _ time.Duration) { p.admit(e, e.lane(), e.collectors > 0) }

// resetInterval computes the interval anew after links came or went.
func (e *entry) resetInterval() {
	e.interval = 0
	for _, l := range e.links {
		e.interval = shorter(e.interval, l.sub.interval)
	}
	if e.interval > 0 {
		e.interval = max(e.interval, e.src.up.limits.MinInterval)
	}
}

// reschedule sets the alarm for the next read of an entry that is neither queued nor
// being read.
func (p *Poller) reschedule(e *entry) {
	switch {
	case e.detached || e.src.openErr != nil:
		p.alarms.clear(&e.alarm)
	case e.err != nil:
		p.alarms.set(&e.alarm, max(e.startedAt+backoff(e.base(), e.fails), e.notBefore, p.now))
	case e.interval > 0:
		p.alarms.set(&e.alarm, nextPhase(p.now, e.interval, e.phase))
	case len(e.proven().lacks) > 0:
		p.alarms.set(&e.alarm, max(e.proofs.dueAt, p.now))
	default:
		p.alarms.clear(&e.alarm)
	}
}
