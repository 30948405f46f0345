// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// memory keeps, for the few objects that have trouble, what the next reconcile must know
// and no object tells. Losing it costs nothing but an earlier retry.
type memory struct {
	started time.Time

	mu      *sync.Mutex
	trouble map[types.NamespacedName]trouble
}

// trouble is what goes wrong with one object.
type trouble struct {
	// epoch the read error belongs to.
	epoch string
	// read is why the last snapshot gave nothing to serve, nil if it did.
	read error
	// lastGood is when all entries were last read well.
	lastGood time.Time
	// attempts counts writes that failed one after the other.
	attempts int
	// unrecorded is why values were given back that were neither recorded nor refused, nil if
	// none wait to be read again.
	unrecorded error
	// unkept is why a state that was not to be served is not recorded, or why the newest is
	// lost: it has to be read again.
	unkept error
	// gone says that every entry was proven gone when the epoch was last read.
	gone bool
	// conceded are the keys that a person accepted the loss of, until a state without them was
	// decided about.
	conceded []string
	// fight is what is known of repairs that did not last.
	fight fight
}

func newMemory(started time.Time) memory {
	return memory{started: started, mu: &sync.Mutex{}, trouble: map[types.NamespacedName]trouble{}}
}

func (m memory) of(key types.NamespacedName) trouble {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.trouble[key]
}

// change applies f to what is known of an object and returns the result. Objects without
// trouble take no memory.
func (m memory) change(key types.NamespacedName, f func(*trouble)) trouble {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.trouble[key]
	f(&t)
	if t.read == nil && t.unrecorded == nil && t.unkept == nil && t.attempts == 0 && t.conceded == nil && t.fight == (fight{}) {
		delete(m.trouble, key)
	} else {
		m.trouble[key] = t
	}
	return t
}

func (m memory) forget(key types.NamespacedName) { m.change(key, func(t *trouble) { *t = trouble{} }) }
