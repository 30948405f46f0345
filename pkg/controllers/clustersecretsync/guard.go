// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

const (
	// few namespaces may always lose what is ours.
	few = 2
	// lately is how long one that lost it still counts: labels may go one after the other.
	lately = 10 * time.Minute
	// tokenLength is enough to tell one accident from another.
	tokenLength = 16
)

// departures is what is known of SecretSyncs that go.
type departures struct {
	// accepted are those that somebody let go, and that are not gone yet.
	accepted map[types.UID]bool
	// unasked are the namespaces that lost others, and when.
	unasked map[string]time.Time
}

// guard returns whether SecretSyncs that are not wanted any more may go, where so many namespaces
// have one: each of them, unless they are so many at once that it looks like an accident. Then
// only those go that somebody accepted. It counts namespaces, because whoever owns one can fill it
// with what looks like ours.
func (p *plan) guard(s *seen, unwanted []*v1alpha1.SecretSync, kept sets.Set[string]) (mayGo func(*v1alpha1.SecretSync) bool) {
	p.accepted = map[types.UID]bool{}
	var asked []*v1alpha1.SecretSync
	for _, sync := range unwanted {
		if s.departures.accepted[sync.UID] {
			p.accepted[sync.UID] = true
		} else {
			asked = append(asked, sync)
		}
	}
	before := sets.KeySet(s.departures.unasked)
	going, all := before.Union(namespacesOf(asked)), before.Union(kept)
	if len(asked) == 0 || !suspicious(len(going), len(all), s.owner.Spec.Safety.PercentOrDefault()) {
		return func(*v1alpha1.SecretSync) bool { return true }
	}
	p.block(s, asked, len(kept))
	return func(sync *v1alpha1.SecretSync) bool { return p.accepted[sync.UID] }
}

// suspicious reports whether it looks like an accident that so many of all lose what is ours.
func suspicious(going, all, percent int) bool { return going > few && going*100 > all*percent }

// block keeps SecretSyncs that are suspiciously many, unless somebody accepts just these.
func (p *plan) block(s *seen, asked []*v1alpha1.SecretSync, kept int) {
	blocked := blockedRemoval(s.owner.Generation, asked)
	if s.owner.Annotations[v1alpha1.AnnotationAccept] == blocked.Token {
		for _, sync := range asked {
			p.accepted[sync.UID] = true
		}
		return
	}
	p.blocked, p.kept = blocked, kept
	for _, at := range s.departures.unasked {
		p.comeBack(at.Add(lately))
	}
}

// blockedRemoval describes SecretSyncs that are kept. Its token stands for exactly these: one
// that is created anew under the same name has another UID. And it stands for them under this
// specification: the annotation stays when somebody thought better of it and mended the selector.
func blockedRemoval(generation int64, syncs []*v1alpha1.SecretSync) *v1alpha1.BlockedRemoval {
	slices.SortFunc(syncs, func(a, b *v1alpha1.SecretSync) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, generation)
	for _, sync := range syncs {
		_, _ = fmt.Fprintln(sum, sync.Namespace, sync.Name, sync.UID)
	}
	namespaces := sets.List(namespacesOf(syncs))
	return &v1alpha1.BlockedRemoval{
		Token: hex.EncodeToString(sum.Sum(nil))[:tokenLength], Count: count(len(namespaces)), Namespaces: namespaces[:min(len(namespaces), maxListed)],
	}
}

func namespacesOf(syncs []*v1alpha1.SecretSync) sets.Set[string] {
	namespaces := sets.New[string]()
	for _, sync := range syncs {
		namespaces.Insert(sync.Namespace)
	}
	return namespaces
}

// departures returns what is known of SecretSyncs that go.
func (m *memory) departures(name string) departures {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, now := m.of(name), m.clock.Now()
	maps.DeleteFunc(k.departures.unasked, func(_ string, at time.Time) bool { return now.Sub(at) >= lately })
	return departures{accepted: k.departures.accepted, unasked: maps.Clone(k.departures.unasked)}
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
	if d.accepted[sync.UID] {
		return
	}
	if d.unasked == nil {
		d.unasked = map[string]time.Time{}
	}
	d.unasked[sync.Namespace] = at
}
