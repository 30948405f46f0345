// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/status"
)

// unseenFor bounds how long a write is believed that the cache does not show.
const unseenFor = 30 * time.Second

// memory keeps of each ClusterSecretSync what the next reconcile must know and no cache tells
// yet. Losing it costs nothing but a write that is refused.
type memory struct {
	clock clock.PassiveClock

	mu    sync.Mutex
	known map[string]*knowledge
}

// knowledge is what is known of one ClusterSecretSync.
type knowledge struct {
	// uncreated is how many SecretSyncs were to be created at the last look.
	uncreated int
	// written are SecretSyncs as they were written last, until the cache has them so.
	written map[client.ObjectKey]written
	// troubles are writes that were refused, or did not last.
	troubles   map[client.ObjectKey]trouble
	departures departures
	// reached are SecretSyncs that were seen as the template is.
	reached reached
	// unsaid is when the first write was made of which nothing was told yet.
	unsaid time.Time
	// told is the status that was written last, toldAt when, and version what the API server
	// called it.
	told    *v1alpha1.ClusterSecretSyncStatus
	toldAt  time.Time
	uid     types.UID
	version string
}

// written is a SecretSync that was written; with gone, that was deleted.
type written struct {
	sync *v1alpha1.SecretSync
	gone bool
	at   time.Time
}

// trouble is a hold, and how often in a row there was reason for one.
type trouble struct {
	hold

	attempts int
	last     time.Time
}

func newMemory(c clock.PassiveClock) *memory {
	return &memory{clock: c, known: map[string]*knowledge{}}
}

// of returns what is known of a ClusterSecretSync. m.mu must be held.
func (m *memory) of(name string) *knowledge {
	k := m.known[name]
	if k == nil {
		k = &knowledge{written: map[client.ObjectKey]written{}, troubles: map[client.ObjectKey]trouble{}}
		m.known[name] = k
	}
	return k
}

func (m *memory) forget(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, name)
}

// correct puts into what the cache shows what was written since, and returns the writes that
// are not to be tried now. unseen is when the first write is not believed any more that the cache
// does not show, zero if it shows them all.
func (m *memory) correct(name string, syncs map[client.ObjectKey]*v1alpha1.SecretSync) (held map[client.ObjectKey]hold, unseen time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, now := m.of(name), m.clock.Now()
	for key, w := range k.written {
		shown := syncs[key]
		switch {
		case now.Sub(w.at) >= unseenFor, w.shownBy(shown):
			delete(k.written, key)
			continue
		case w.gone:
			delete(syncs, key)
		default:
			syncs[key] = w.sync
		}
		unseen = earliest(unseen, w.at.Add(unseenFor))
	}
	held = make(map[client.ObjectKey]hold, len(k.troubles))
	for key, t := range k.troubles {
		if now.Sub(t.last) >= 2*lastPause {
			delete(k.troubles, key)
			continue
		}
		held[key] = t.hold
	}
	return held, unseen
}

// outlive forgets what is known of writes in namespaces that are gone or going: one that is made anew
// under the same name starts afresh.
func (m *memory) outlive(name string, alive map[string]bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.of(name).troubles, func(key client.ObjectKey, _ trouble) bool { return !alive[key.Namespace] })
}

// shownBy reports whether the cache shows a write, or what came after it.
func (w written) shownBy(shown *v1alpha1.SecretSync) bool {
	switch {
	case w.gone:
		return shown == nil || shown.UID != w.sync.UID || !shown.DeletionTimestamp.IsZero()
	case shown == nil:
		return false
	default:
		return status.CaughtUp(shown.ResourceVersion, w.sync.ResourceVersion)
	}
}

// wrote notes a write.
func (m *memory) wrote(name string, sync *v1alpha1.SecretSync, gone bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, now := m.of(name), m.clock.Now()
	k.written[client.ObjectKeyFromObject(sync)] = written{sync: sync, gone: gone, at: now}
	if gone {
		k.departures.went(sync, now)
	}
}

// Bounds of the pause before a write is tried again that was refused, or that did not last.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Minute
	// doublings is how often the pause doubles: enough to reach the last.
	doublings = 9
)

// avoid notes that a write had better not be tried again at once, after the first free
// attempts.
func (m *memory) avoid(name string, key client.ObjectKey, h hold, free int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, now := m.of(name), m.clock.Now()
	t := k.troubles[key]
	if t.hash != h.hash || t.reason != h.reason {
		t.attempts = 0
	}
	t.hold, t.last = h, now
	t.until = now
	if t.attempts >= free {
		t.until = now.Add(min(lastPause, firstPause<<min(t.attempts-free, doublings)))
	}
	t.attempts++
	k.troubles[key] = t
}

// shown returns the status that the API server has, which the cache may not show yet, and
// when it was written; zero if not by this process.
func (m *memory) shown(owner *v1alpha1.ClusterSecretSync) (*v1alpha1.ClusterSecretSyncStatus, time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.of(owner.Name)
	if k.uid != owner.UID {
		k.told, k.toldAt = nil, time.Time{}
	}
	if k.told == nil || status.CaughtUp(owner.ResourceVersion, k.version) {
		k.told = nil
		return &owner.Status, k.toldAt
	}
	return k.told, k.toldAt
}

// tell notes the status that was written.
func (m *memory) tell(written *v1alpha1.ClusterSecretSync, next *v1alpha1.ClusterSecretSyncStatus) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.of(written.Name)
	k.told, k.toldAt, k.uid, k.version = next, m.clock.Now(), written.UID, written.ResourceVersion
	k.unsaid = time.Time{}
}

// silent notes that something was written, or that nothing was, and returns for how long writes
// have gone on.
func (m *memory) silent(name string, wrote bool) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, now := m.of(name), m.clock.Now()
	if !wrote {
		k.unsaid = time.Time{}
		return 0
	}
	if k.unsaid.IsZero() {
		k.unsaid = now
	}
	return now.Sub(k.unsaid)
}

// reached are SecretSyncs that were seen as a template is, of which hash stands for.
type reached struct {
	hash  string
	syncs map[types.UID]bool
}

// has reports whether a SecretSync was as a template is: if it is not any more, somebody changed
// it, and not the template.
func (r reached) has(t template, sync *v1alpha1.SecretSync) bool {
	return r.hash == t.hash && r.syncs[sync.UID]
}

// reach notes which SecretSyncs are as the template is.
func (m *memory) reach(name string, now reached) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(name).reached = now
}

// reachedBy returns what is known of that.
func (m *memory) reachedBy(name string) reached {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of(name).reached
}

// toCreate notes how many SecretSyncs are to be created.
func (m *memory) toCreate(name string, count int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(name).uncreated = count
}

// creating reports whether any are.
func (m *memory) creating() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.known {
		if k.uncreated > 0 {
			return true
		}
	}
	return false
}
