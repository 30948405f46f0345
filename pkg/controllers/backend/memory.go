// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// memory keeps of each backend what the next reconcile must know and no object tells.
type memory struct {
	mu   sync.Mutex
	last map[types.NamespacedName]seen
}

// seen is what was seen last of a backend.
type seen struct {
	credentials string // the versions of its credentials
	epoch       string // what was probed
	err         error  // what the probe failed with
	probes      int    // how often it was asked for again
	due         string // what the last one was made for
}

func newMemory() *memory { return &memory{last: map[types.NamespacedName]seen{}} }

// credentials notes the credentials' versions and reports whether others were seen before.
func (m *memory) credentials(key types.NamespacedName, version string) bool {
	changed := false
	m.change(key, func(s *seen) {
		changed = s.credentials != "" && s.credentials != version
		s.credentials = version
	})
	return changed
}

// change applies f to what was seen of a backend and returns the result.
func (m *memory) change(key types.NamespacedName, f func(*seen)) seen {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.last[key]
	f(&s)
	m.last[key] = s
	return s
}

func (m *memory) forget(key types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.last, key)
}
