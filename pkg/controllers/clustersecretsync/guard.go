// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

const (
	// few SecretSyncs may always go.
	few = 2
	// lately is how long one that went still counts: labels may be lost one after the other.
	lately = 10 * time.Minute
	// tokenLength is enough to tell one accident from another.
	tokenLength = 16
)

// departures is what is known of SecretSyncs that go.
type departures struct {
	// accepted are those that somebody let go, and that are not gone yet.
	accepted map[types.UID]bool
	// unasked are the times at which others went, oldest first.
	unasked []time.Time
}

// guard returns whether SecretSyncs that are not wanted any more, of so many that are kept, may go:
// each of them, unless they are so many at once that it looks like an accident. Then only those
// go that somebody accepted.
func (p *plan) guard(s *seen, unwanted []*v1alpha1.SecretSync, kept int) (mayGo func(*v1alpha1.SecretSync) bool) {
	p.accepted = map[types.UID]bool{}
	var asked []*v1alpha1.SecretSync
	for _, sync := range unwanted {
		if s.departures.accepted[sync.UID] {
			p.accepted[sync.UID] = true
		} else {
			asked = append(asked, sync)
		}
	}
	before := len(s.departures.unasked)
	if len(asked) == 0 || !suspicious(len(asked)+before, kept+before, s.owner.Spec.Safety.PercentOrDefault()) {
		return func(*v1alpha1.SecretSync) bool { return true }
	}
	p.block(s, asked, kept)
	return func(sync *v1alpha1.SecretSync) bool { return p.accepted[sync.UID] }
}

// block keeps SecretSyncs that are suspiciously many, unless somebody accepts just these.
func (p *plan) block(s *seen, asked []*v1alpha1.SecretSync, kept int) {
	blocked := blockedRemoval(asked)
	if s.owner.Annotations[v1alpha1.AnnotationAccept] == blocked.Token {
		for _, sync := range asked {
			p.accepted[sync.UID] = true
		}
		return
	}
	p.blocked, p.kept = blocked, kept
	if past := s.departures.unasked; len(past) > 0 {
		p.comeBack(past[0].Add(lately))
	}
}

// suspicious reports whether it looks like an accident that so many of all go at once.
func suspicious(going, all, percent int) bool { return going > few && going*100 > all*percent }

// blockedRemoval describes SecretSyncs that are kept. Its token stands for exactly these: one
// that is created anew under the same name has another UID.
func blockedRemoval(syncs []*v1alpha1.SecretSync) *v1alpha1.BlockedRemoval {
	slices.SortFunc(syncs, func(a, b *v1alpha1.SecretSync) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	sum := sha256.New()
	var namespaces []string
	for _, sync := range syncs {
		_, _ = fmt.Fprintln(sum, sync.Namespace, sync.Name, sync.UID)
		namespaces = append(namespaces, sync.Namespace)
	}
	namespaces = slices.Compact(namespaces)
	return &v1alpha1.BlockedRemoval{
		Token: hex.EncodeToString(sum.Sum(nil))[:tokenLength], SecretSyncs: count(len(syncs)), Namespaces: namespaces[:min(len(namespaces), maxListed)],
	}
}

// departures returns what is known of SecretSyncs that go.
func (m *memory) departures(name string) departures {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, now := m.of(name), m.clock.Now()
	k.departures.unasked = slices.DeleteFunc(k.departures.unasked, func(at time.Time) bool { return now.Sub(at) >= lately })
	return departures{accepted: k.departures.accepted, unasked: slices.Clone(k.departures.unasked)}
}

// accept notes which SecretSyncs somebody let go: all of them go, also where that takes several
// reconciles.
func (m *memory) accept(name string, accepted map[types.UID]bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(name).departures.accepted = accepted
}

// went notes that a SecretSync was deleted.
func (d *departures) went(sync *v1alpha1.SecretSync, at time.Time) {
	if !d.accepted[sync.UID] {
		d.unasked = append(d.unasked, at)
	}
}
