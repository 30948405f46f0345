// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Writer writes the statuses of SecretSyncs behind the reconciles that compute them, so
// that when many objects are worked on, Secrets are served first. Only the newest status
// of an object is written. It is safe for concurrent use.
type Writer struct {
	client client.Client
	queue  workqueue.TypedRateLimitingInterface[types.NamespacedName]
	busy   func() bool

	mu      sync.Mutex
	entries map[types.NamespacedName]*entry
	after   map[types.NamespacedName][]func()
}

// entry is a status that the cache may not show yet.
type entry struct {
	uid types.UID
	// next is what the API server shall have; waiting says that it does not yet.
	next    v1alpha1.SecretSyncStatus
	waiting bool
	// shown is what it has, as far as we know, and version the resource version at which it
	// got that; empty if the cache said so.
	shown   v1alpha1.SecretSyncStatus
	version string
}

// Bounds of the pause before a failed write of a status is tried again.
const (
	firstRewrite = 50 * time.Millisecond
	lastRewrite  = 30 * time.Second
)

// NewWriter returns a Writer that writes with c.
func NewWriter(c client.Client) *Writer {
	return &Writer{
		client: c,
		queue: workqueue.NewTypedRateLimitingQueue(
			workqueue.NewTypedItemExponentialFailureRateLimiter[types.NamespacedName](firstRewrite, lastRewrite)),
		busy:    func() bool { return false },
		entries: map[types.NamespacedName]*entry{},
		after:   map[types.NamespacedName][]func(){},
	}
}

// Current returns a copy of the newest status of s: what was put last, or what s shows
// if that is newer.
func (w *Writer) Current(s *v1alpha1.SecretSync) v1alpha1.SecretSyncStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	return *w.current(s).DeepCopy()
}

// current returns the newest status of s. w.mu must be held.
func (w *Writer) current(s *v1alpha1.SecretSync) *v1alpha1.SecretSyncStatus {
	key := client.ObjectKeyFromObject(s)
	e := w.entries[key]
	switch {
	case e == nil:
	case e.uid != s.UID, !e.waiting && CaughtUp(s.ResourceVersion, e.version):
		delete(w.entries, key)
	default:
		return &e.next
	}
	return &s.Status
}

// CaughtUp reports whether an object seen at version shows what was written at written.
func CaughtUp(version, written string) bool {
	order, err := resourceversion.CompareResourceVersion(version, written)
	return err == nil && order >= 0
}

// Put takes the status that s shall have and reports whether that is a change. It is
// written soon, and belongs to the Writer from now on. What else is said of s waits for the
// same turn: each of after is called when the status was written, or could not be.
func (w *Writer) Put(s *v1alpha1.SecretSync, next v1alpha1.SecretSyncStatus, after ...func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := client.ObjectKeyFromObject(s)
	changed := !equality.Semantic.DeepEqual(*w.current(s), next)
	if changed {
		e := w.entries[key]
		if e == nil {
			e = &entry{uid: s.UID, shown: *s.Status.DeepCopy()}
			w.entries[key] = e
		}
		e.next, e.waiting = next, true
	}
	if len(after) > 0 {
		w.after[key] = append(w.after[key], after...)
	}
	if changed || len(after) > 0 {
		w.queue.Add(key)
	}
	return changed
}

// Forget drops what is known of an object that is gone.
func (w *Writer) Forget(key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.entries, key)
	delete(w.after, key)
}

// Run writes with as many workers until ctx ends, then writes what is left, for as long
// as grace at most.
func (w *Writer) Run(ctx context.Context, workers int, grace time.Duration) error {
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var group sync.WaitGroup
	for range workers {
		group.Go(func() { w.work(writing) })
	}
	<-ctx.Done()
	defer time.AfterFunc(grace, cancel).Stop()
	w.queue.ShutDownWithDrain()
	w.queue.ShutDown() // Draining alone leaves the goroutine of the delayed keys running.
	group.Wait()
	w.rest(writing)
	return nil
}

func (w *Writer) work(ctx context.Context) {
	for {
		key, shutdown := w.queue.Get()
		if shutdown {
			return
		}
		w.yield(ctx)
		if err := w.Flush(ctx, key); err != nil {
			w.complain(ctx, key, err)
			w.queue.AddRateLimited(key)
		} else {
			w.queue.Forget(key)
		}
		w.queue.Done(key)
	}
}

// rest writes what the queue did not hold any more when it was shut down: what waits to
// be tried again, and what came later.
func (w *Writer) rest(ctx context.Context) {
	w.mu.Lock()
	var keys []types.NamespacedName
	for key, e := range w.entries {
		if e.waiting {
			keys = append(keys, key)
		}
	}
	keys = slices.AppendSeq(keys, maps.Keys(w.after))
	w.mu.Unlock()
	for _, key := range keys {
		if ctx.Err() != nil {
			return
		}
		if err := w.Flush(ctx, key); err != nil {
			w.complain(ctx, key, err)
		}
	}
}

// complain logs a write that failed: for everybody to see if the API server finds the
// status invalid, because no further try helps.
func (w *Writer) complain(ctx context.Context, key types.NamespacedName, err error) {
	logger := logr.FromContextOrDiscard(ctx)
	if !apierrors.IsInvalid(err) {
		logger = logger.V(1)
	}
	logger.Info("writing a status failed and is tried again", "object", key.String(), "error", err.Error())
}

// Flush writes the status of one object now, if one is waiting.
func (w *Writer) Flush(ctx context.Context, key types.NamespacedName) error {
	defer w.follow(key)
	uid, next, waiting := w.take(key)
	if !waiting {
		return nil
	}
	object := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name, UID: uid}}
	err := patch(ctx, w.client, object, next)
	if isGone(err) {
		w.drop(key, uid)
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing the status of SecretSync %q: %w", key, err)
	}
	w.wrote(key, uid, next, object.ResourceVersion)
	return nil
}

// follow calls what waits for an object's status.
func (w *Writer) follow(key types.NamespacedName) {
	w.mu.Lock()
	after := w.after[key]
	delete(w.after, key)
	w.mu.Unlock()
	for _, f := range after {
		f()
	}
}

// take returns what waits to be written. What was put back before it was written is no
// change after all.
func (w *Writer) take(key types.NamespacedName) (uid types.UID, next v1alpha1.SecretSyncStatus, waiting bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.entries[key]
	switch {
	case e == nil || !e.waiting:
		return "", next, false
	case !equality.Semantic.DeepEqual(e.shown, e.next):
		return e.uid, e.next, true
	case e.version == "":
		delete(w.entries, key)
	default:
		e.waiting = false
	}
	return "", next, false
}

// wrote notes that a status is on the API server; a newer one put meanwhile still waits.
func (w *Writer) wrote(key types.NamespacedName, uid types.UID, status v1alpha1.SecretSyncStatus, version string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e := w.entries[key]; e != nil && e.uid == uid {
		e.shown, e.version = status, version
		e.waiting = !equality.Semantic.DeepEqual(e.next, status)
	}
}

// drop forgets an object that is gone, but not the next one of its name.
func (w *Writer) drop(key types.NamespacedName, uid types.UID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e := w.entries[key]; e != nil && e.uid == uid {
		delete(w.entries, key)
	}
}
