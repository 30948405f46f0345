// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
)

// ackPatience is how long reads wait for acknowledgements at the bound, before values
// that nobody takes have to make room.
const ackPatience = 30 * time.Second

// fieldOverhead is about what a field costs beside its bytes.
const fieldOverhead = 64

// reading is a value that was read, kept while a snapshot or a collection needs it.
type reading struct {
	entry *entry
	read  backend.Entry
	size  int64
	refs  int // snapshots that show it
}

func sizeOf(read backend.Entry) int64 {
	size := int64(fieldOverhead)
	for name, value := range read.Fields {
		size += int64(len(name)) + int64(value.Len()) + fieldOverhead
	}
	for name, value := range read.Values {
		size += int64(len(name)+len(value.ID)+len(value.Version)+len(value.From.Path)) + 2*fieldOverhead
	}
	return size
}

// hold keeps the value of e's last good read.
func (p *Poller) hold(e *entry, read backend.Entry) {
	e.held = &reading{entry: e, read: read, size: sizeOf(read)}
	p.held += e.held.size
}

// drop lets e forget its value; snapshots keep theirs.
func (p *Poller) drop(e *entry) {
	if e.held == nil {
		return
	}
	if e.held.refs == 0 {
		p.held -= e.held.size
	}
	e.held = nil
}

// trim drops e's value unless a snapshot shows it or a collection can use it: one of
// several entries needs a read that confirms the one before.
func (p *Poller) trim(e *entry) {
	useful := e.collectors > 0 && e.err == nil && e.good.last > e.good.first
	if e.held != nil && e.held.refs == 0 && !useful {
		p.drop(e)
	}
}

// share makes one more snapshot show r.
func (r *reading) share() { r.refs++ }

// release makes one snapshot less show r.
func (p *Poller) release(r *reading) {
	r.refs--
	if r.refs > 0 {
		return
	}
	if r.entry.held == r {
		p.trim(r.entry)
		return
	}
	p.held -= r.size
}

// full reports whether no read may start until a snapshot is acknowledged. Without one
// to acknowledge reading goes on, or a snapshot larger than the bound would never be.
func (p *Poller) full() bool { return p.held >= p.maxHeld && p.unacked > 0 }

// stall remembers a backend that waits for acknowledgements.
func (p *Poller) stall(u *upstream) {
	if !u.stalled {
		u.stalled = true
		p.stalled = append(p.stalled, u)
	}
	if p.shedding.place == 0 {
		p.alarms.set(&p.shedding, p.now+ackPatience)
	}
}

// shedder is the owner of the alarm that rings when reads waited too long for room.
type shedder struct{}

func (shedder) ring(p *Poller, now time.Duration) {
	p.shed(now - ackPatience)
	p.flow()
	if len(p.stalled) > 0 {
		p.alarms.set(&p.shedding, now+ackPatience)
	}
}

// shed takes the values out of the oldest snapshots, made at the given time or before,
// until there is room: whoever cannot take a value now must not keep others from theirs.
// Who looks at such a snapshot has its entries read again.
func (p *Poller) shed(before time.Duration) {
	var old []*pending
	for _, s := range p.subscribers {
		if n := s.pending; n != nil && n.made <= before && len(n.readings) > 0 {
			old = append(old, n)
		}
	}
	slices.SortFunc(old, func(a, b *pending) int { return int(a.made - b.made) })
	for _, n := range old {
		if !p.full() {
			return
		}
		n.shed = true
		p.empty(n)
	}
}

// flow lets the stalled backends go on if there is room.
func (p *Poller) flow() {
	if len(p.stalled) == 0 || p.full() {
		return
	}
	for _, u := range p.stalled {
		u.stalled = false
		p.touch(u)
	}
	p.stalled = nil
}
