// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/cache"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/revision"
)

// Index knows which revisions exist, by name and owner alone: a watch on the metadata of
// Secrets of the revision type, kept as a few bytes each. It is what lets a first
// revision be created without looking first. It is safe for concurrent use.
type Index struct {
	changed func(types.NamespacedName)
	synced  chan struct{}

	mu     sync.RWMutex
	owners map[types.NamespacedName]*numbers
	ours   map[revision.ID]bool // being created by us
}

// numbers are the revisions of one SecretSync.
type numbers struct {
	highest int64
	kept    []kept // ascending
}

type kept struct {
	number int64
	owner  types.UID
}

// NewIndex returns an empty index. changed is called, outside any lock, with the owner of
// each revision that appears, changes owner or goes by another hand than ours.
func NewIndex(changed func(owner types.NamespacedName)) *Index {
	return &Index{
		changed: changed, synced: make(chan struct{}),
		owners: map[types.NamespacedName]*numbers{}, ours: map[revision.ID]bool{},
	}
}

// Run watches the namespaces, or all if none is given, until ctx ends.
func (x *Index) Run(ctx context.Context, client metadata.Interface, namespaces ...string) error {
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	var group sync.WaitGroup
	var pending atomic.Int64
	pending.Store(int64(len(namespaces)))
	for _, namespace := range namespaces {
		f := &feed{index: x, namespace: namespace, listed: func() {
			if pending.Add(-1) == 0 {
				close(x.synced)
			}
		}}
		group.Go(func() { f.run(ctx, client) })
	}
	group.Wait()
	return nil
}

// run watches the revisions of the feed's namespace until ctx ends.
func (f *feed) run(ctx context.Context, client metadata.Interface) {
	secrets := client.Resource(secretsResource).Namespace(f.namespace)
	selector := fields.OneTermEqualSelector("type", v1alpha1.SecretTypeRevision).String()
	lw := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = selector
			return secrets.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = selector
			return secrets.Watch(ctx, o)
		},
	}
	source := cache.ToListWatcherWithWatchListSemantics(lw, client)
	cache.NewNamedReflector("revisions", source, &metav1.PartialObjectMetadata{}, f, 0).RunWithContext(ctx)
}

// WaitForSync waits until the first list of each namespace has been taken in.
func (x *Index) WaitForSync(ctx context.Context) error {
	select {
	case <-x.synced:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the list of revisions: %w", ctx.Err())
	}
}

// Highest returns the highest number that owner ever used, as far as it was seen.
func (x *Index) Highest(owner types.NamespacedName) int64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if n := x.owners[owner]; n != nil {
		return n.highest
	}
	return 0
}

// Has reports whether a revision exists.
func (x *Index) Has(id revision.ID) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	n := x.owners[types.NamespacedName{Namespace: id.Namespace, Name: id.Name}]
	if n == nil {
		return false
	}
	_, found := n.find(id.Number)
	return found
}

// Numbers returns the numbers of the revisions that exist, ascending.
func (x *Index) Numbers(owner types.NamespacedName) []int64 {
	return x.collect(owner, func(kept) bool { return true })
}

// Orphans returns the numbers of the revisions that do not belong to the SecretSync of
// this UID, ascending.
func (x *Index) Orphans(owner types.NamespacedName, uid types.UID) []int64 {
	return x.collect(owner, func(k kept) bool { return k.owner != uid })
}

// Forget drops what was known of an owner that is gone, unless revisions of it are left.
func (x *Index) Forget(owner types.NamespacedName) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n := x.owners[owner]; n != nil && len(n.kept) == 0 {
		delete(x.owners, owner)
	}
}

func (x *Index) collect(owner types.NamespacedName, want func(kept) bool) []int64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var result []int64
	if n := x.owners[owner]; n != nil {
		for _, k := range n.kept {
			if want(k) {
				result = append(result, k.number)
			}
		}
	}
	return result
}

// add notes a revision and reports whether that was news.
func (x *Index) add(id revision.ID, owner types.UID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	name := types.NamespacedName{Namespace: id.Namespace, Name: id.Name}
	n := x.owners[name]
	if n == nil {
		n = &numbers{}
		x.owners[name] = n
	}
	n.highest = max(n.highest, id.Number)
	at, found := n.find(id.Number)
	if !found {
		n.kept = slices.Insert(n.kept, at, kept{id.Number, owner})
		return true
	}
	news := n.kept[at].owner != owner
	n.kept[at].owner = owner
	return news
}

// expect makes the appearance of a revision no news until done is called: its watch event
// may be quicker than the answer to its creation.
func (x *Index) expect(id revision.ID) (done func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ours[id] = true
	return func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		delete(x.ours, id)
	}
}

// expected reports whether a revision is being created by us.
func (x *Index) expected(id revision.ID) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.ours[id]
}

// remove notes that a revision is gone and reports whether that was news.
func (x *Index) remove(id revision.ID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := x.owners[types.NamespacedName{Namespace: id.Namespace, Name: id.Name}]
	if n == nil {
		return false
	}
	at, found := n.find(id.Number)
	if found {
		n.kept = slices.Delete(n.kept, at, at+1)
	}
	return found
}

func (n *numbers) find(number int64) (int, bool) {
	return slices.BinarySearchFunc(n.kept, number, func(k kept, number int64) int { return cmp.Compare(k.number, number) })
}

func (x *Index) ids() []revision.ID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var ids []revision.ID
	for owner, n := range x.owners {
		for _, k := range n.kept {
			ids = append(ids, revision.ID{Namespace: owner.Namespace, Name: owner.Name, Number: k.number})
		}
	}
	return ids
}
