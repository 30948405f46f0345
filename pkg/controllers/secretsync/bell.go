// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/secretsync/secretsync/pkg/history"
)

// Bell wakes a reconcile for what no watch of the controller shows: the poller has news,
// a revision came or went. It holds the workers back until the index of revisions is
// complete.
type Bell struct {
	index *history.Index
	queue atomic.Pointer[workqueue.TypedRateLimitingInterface[reconcile.Request]]
}

var _ source.SyncingSource = (*Bell)(nil)

// NewBell returns a bell. WaitFor must be called before it is started.
func NewBell() *Bell { return &Bell{} }

// WaitFor makes the workers wait for the index.
func (b *Bell) WaitFor(index *history.Index) { b.index = index }

// Ring wakes the reconcile of an object. Before the controller runs it does nothing,
// because starting wakes every object.
func (b *Bell) Ring(key types.NamespacedName) {
	if queue := b.queue.Load(); queue != nil {
		(*queue).Add(reconcile.Request{NamespacedName: key})
	}
}

// Busy reports whether reconciles wait for a worker.
func (b *Bell) Busy() bool {
	queue := b.queue.Load()
	return queue != nil && (*queue).Len() > 0
}

// Start takes the controller's queue.
func (b *Bell) Start(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	b.queue.Store(&queue)
	return nil
}

// WaitForSync waits until the index is complete.
func (b *Bell) WaitForSync(ctx context.Context) error { return b.index.WaitForSync(ctx) }
