// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"container/heap"
	"time"
)

// alarm is a point in time at which its owner wants to be called; it is part of the
// owner, so that ten thousand of them cost no allocation.
type alarm struct {
	at    time.Duration
	place int // in the heap, counted from 1; 0 is not set
	owner interface {
		ring(p *Poller, now time.Duration)
	}
}

// alarms orders alarms by time.
type alarms struct{ heap alarmHeap }

// set makes a ring at the given time, earlier or later than before.
func (s *alarms) set(a *alarm, at time.Duration) {
	a.at = at
	if a.place > 0 {
		heap.Fix(&s.heap, a.place-1)
		return
	}
	heap.Push(&s.heap, a)
}

// hasten makes a ring at the given time unless it rings before that anyway.
func (s *alarms) hasten(a *alarm, at time.Duration) {
	if a.place == 0 || at < a.at {
		s.set(a, at)
	}
}

// clear makes a silent.
func (s *alarms) clear(a *alarm) {
	if a.place > 0 {
		heap.Remove(&s.heap, a.place-1)
	}
}

// due removes and returns the earliest alarm that is due, or nil.
func (s *alarms) due(now time.Duration) *alarm {
	if len(s.heap) == 0 || s.heap[0].at > now {
		return nil
	}
	a := s.heap[0]
	heap.Pop(&s.heap)
	return a
}

// next returns when the earliest alarm rings.
func (s *alarms) next() (at time.Duration, ok bool) {
	if len(s.heap) == 0 {
		return 0, false
	}
	return s.heap[0].at, true
}

// alarmHeap implements heap.Interface.
type alarmHeap []*alarm

// Len is the number of alarms.
func (h *alarmHeap) Len() int { return len(*h) }

// Less orders by time.
func (h *alarmHeap) Less(i, j int) bool { return (*h)[i].at < (*h)[j].at }

// Swap exchanges two alarms.
func (h *alarmHeap) Swap(i, j int) {
	a, b := (*h)[i], (*h)[j]
	(*h)[i], (*h)[j] = b, a
	b.place, a.place = i+1, j+1
}

// Push appends an *alarm.
func (h *alarmHeap) Push(x any) {
	a, _ := x.(*alarm)
	*h = append(*h, a)
	a.place = len(*h)
}

// Pop removes the last alarm.
func (h *alarmHeap) Pop() any {
	last := len(*h) - 1
	a := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	a.place = 0
	return a
}
