// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

// fairQueue hands out items of lanes in turn, one each, so that a lane with thousands of
// items holds up no other. Within a lane urgent items go first, each kind in its order.
type fairQueue[T any] struct {
	lanes map[string]*lane[T]
	turns fifo[*lane[T]]
	size  int
}

type lane[T any] struct {
	name            string
	urgent, routine fifo[T]
}

// push appends an item to a lane.
func (q *fairQueue[T]) push(name string, item T, urgent bool) {
	l := q.lanes[name]
	if l == nil {
		if q.lanes == nil {
			q.lanes = map[string]*lane[T]{}
		}
		l = &lane[T]{name: name}
		q.lanes[name] = l
		q.turns.push(l)
	}
	if urgent {
		l.urgent.push(item)
	} else {
		l.routine.push(item)
	}
	q.size++
}

// pop removes the next item of the lane whose turn it is.
func (q *fairQueue[T]) pop() (item T, ok bool) {
	l, ok := q.turns.pop()
	if !ok {
		return item, false
	}
	if item, ok = l.urgent.pop(); !ok {
		item, _ = l.routine.pop()
	}
	q.size--
	if l.urgent.len()+l.routine.len() > 0 {
		q.turns.push(l)
	} else {
		delete(q.lanes, l.name)
	}
	return item, true
}

// len returns the number of items in all lanes.
func (q *fairQueue[T]) len() int { return q.size }

// fifo is a first-in first-out queue that keeps no memory when empty.
type fifo[T any] struct {
	items []T
	head  int
}

func (f *fifo[T]) push(item T) { f.items = append(f.items, item) }

func (f *fifo[T]) pop() (item T, ok bool) {
	if f.head == len(f.items) {
		return item, false
	}
	var none T
	item, f.items[f.head] = f.items[f.head], none
	f.head++
	switch {
	case f.head == len(f.items):
		f.items, f.head = nil, 0
	case f.head > 64 && f.head > len(f.items)/2:
		f.items = append([]T(nil), f.items[f.head:]...)
		f.head = 0
	}
	return item, true
}

func (f *fifo[T]) len() int { return len(f.items) - f.head }
