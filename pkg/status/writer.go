// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
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

	mu      sync.Mutex
	entries map[types.NamespacedName]*entry
}

// entry is a status that the cache may not show yet.
type entry struct {
	uid     types.UID
	shown   v1alpha1.SecretSyncStatus // what the API server has, as far as we know
	next    v1alpha1.SecretSyncStatus // what it shall have
	version string                    // resource version once written, empty before
}

// NewWriter returns a Writer that writes with c.
func NewWriter(c client.Client) *Writer {
	return &Writer{
		client:  c,
		queue:   workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[types.NamespacedName]()),
		entries: map[types.NamespacedName]*entry{},
	}
}

// Current returns a copy of the newest status of s: what was put last, or what s shows
// if that is newer.
func (w *Writer) Current(s *v1alpha1.SecretSync) v1alpha1.SecretSyncStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := client.ObjectKeyFromObject(s)
	e := w.entries[key]
	switch {
	case e == nil:
	case e.uid != s.UID, e.version != "" && caughtUp(s.ResourceVersion, e.version):
		delete(w.entries, key)
	default:
		return *e.next.DeepCopy()
	}
	return *s.Status.DeepCopy()
}

// caughtUp reports whether an object seen at version shows what was written at written.
func caughtUp(version, written string) bool {
	order, err := resourceversion.CompareResourceVersion(version, written)
	return err == nil && order >= 0
}

// Put takes the status that s shall have and reports whether that is a change. It is
// written soon.
func (w *Writer) Put(s *v1alpha1.SecretSync, next v1alpha1.SecretSyncStatus) bool {
	current := w.Current(s)
	if equality.Semantic.DeepEqual(current, next) {
		return false
	}
	key := client.ObjectKeyFromObject(s)
	w.mu.Lock()
	e := w.entries[key]
	switch {
	case e == nil:
		w.entries[key] = &entry{uid: s.UID, shown: *s.Status.DeepCopy(), next: next}
	case e.version != "":
		w.entries[key] = &entry{uid: s.UID, shown: e.next, next: next}
	default:
		e.next = next
	}
	w.mu.Unlock()
	w.queue.Add(key)
	return true
}

// Forget drops what is known of an object that is gone.
func (w *Writer) Forget(key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.entries, key)
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
	group.Wait()
	return nil
}

func (w *Writer) work(ctx context.Context) {
	for {
		key, shutdown := w.queue.Get()
		if shutdown {
			return
		}
		if err := w.Flush(ctx, key); err != nil {
			logr.FromContextOrDiscard(ctx).V(1).Info("writing a status failed and is tried again", "object", key.String(), "error", err.Error())
			if ctx.Err() == nil {
				w.queue.AddRateLimited(key)
			}
		} else {
			w.queue.Forget(key)
		}
		w.queue.Done(key)
	}
}

// Flush writes the status of one object now, if one is waiting.
func (w *Writer) Flush(ctx context.Context, key types.NamespacedName) error {
	w.mu.Lock()
	e := w.entries[key]
	if e == nil || e.version != "" {
		w.mu.Unlock()
		return nil
	}
	writing := *e
	w.mu.Unlock()

	object := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name, UID: writing.uid}}
	err := patch(ctx, w.client, object, writing.shown, writing.next)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) { // Gone, or another object of that name.
		w.Forget(key)
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing the status of SecretSync %q: %w", key, err)
	}
	w.wrote(key, writing, object.ResourceVersion)
	return nil
}

// wrote notes that a status is on the API server; a newer one put meanwhile still waits.
func (w *Writer) wrote(key types.NamespacedName, written entry, version string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.entries[key]
	switch {
	case e == nil || e.uid != written.uid:
	case equality.Semantic.DeepEqual(e.next, written.next):
		e.shown, e.version = written.next, version
	default:
		e.shown = written.next
	}
}

// patch writes the difference between two statuses to exactly this object, by UID.
func patch(ctx context.Context, c client.Client, object client.Object, shown, next any) error {
	before, err := json.Marshal(shown)
	if err != nil {
		return fmt.Errorf("encoding a status: %w", err)
	}
	after, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encoding a status: %w", err)
	}
	difference, err := jsonpatch.CreateMergePatch(before, after)
	if err != nil {
		return fmt.Errorf("comparing two statuses: %w", err)
	}
	text := fmt.Appendf(nil, `{"metadata":{"uid":%q},"status":%s}`, object.GetUID(), difference)
	return c.Status().Patch(ctx, object, client.RawPatch(types.MergePatchType, text))
}

// PatchBackend writes the status of a backend if it differs in meaning.
func PatchBackend(ctx context.Context, c client.Client, object client.Object, shown, next v1alpha1.BackendStatus) error {
	if equality.Semantic.DeepEqual(shown, next) {
		return nil
	}
	if err := patch(ctx, c, object, shown, next); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("writing the status of backend %q: %w", object.GetName(), err)
	}
	return nil
}
