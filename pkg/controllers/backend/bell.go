// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"strings"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// Bell wakes the reconcile of the backends of one kind when the poller has news of them.
type Bell struct {
	kind  string
	queue atomic.Pointer[workqueue.TypedRateLimitingInterface[reconcile.Request]]
}

var _ source.Source = (*Bell)(nil)

// NewBell returns a bell for the backends of a kind.
func NewBell(kind string) *Bell { return &Bell{kind: kind} }

// Kind returns the kind.
func (b *Bell) Kind() string { return b.kind }

// Ring wakes a backend that the poller names as a subscriber, and reports whether it is
// one of this kind. Before the controller runs it only reports, because starting wakes
// every object.
func (b *Bell) Ring(id types.NamespacedName) bool {
	kind, name, ok := strings.Cut(id.Name, "/")
	if !ok || kind != b.kind {
		return false
	}
	b.wake(types.NamespacedName{Namespace: id.Namespace, Name: name})
	return true
}

// Health wakes the backend with a poller's key: kind/name or kind/namespace/name.
func (b *Bell) Health(key string) {
	parts := strings.Split(key, "/")
	switch {
	case parts[0] != b.kind:
	case len(parts) == 2:
		b.wake(types.NamespacedName{Name: parts[1]})
	case len(parts) == 3:
		b.wake(types.NamespacedName{Namespace: parts[1], Name: parts[2]})
	}
}

func (b *Bell) wake(key types.NamespacedName) {
	if queue := b.queue.Load(); queue != nil {
		(*queue).Add(reconcile.Request{NamespacedName: key})
	}
}

// Start takes the controller's queue.
func (b *Bell) Start(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	b.queue.Store(&queue)
	return nil
}
