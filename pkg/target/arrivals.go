// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/metadata"
	"k8s.io/utils/clock"
)

// Bounds of the Secrets that are watched for: each is a stream here and at the API server, and
// one tenant must not take all of them.
const (
	maxAwaited   = 100
	maxAwaitedIn = 10 // in one namespace
)

// Watch opens a watch for one Secret, which begins with the Secret if it is there.
type Watch func(ctx context.Context, secret types.NamespacedName) (watch.Interface, error)

// WatchMetadata returns a Watch that never sees what a Secret holds.
func WatchMetadata(c metadata.Interface) Watch {
	secrets := c.Resource(corev1.SchemeGroupVersion.WithResource("secrets"))
	return func(ctx context.Context, secret types.NamespacedName) (watch.Interface, error) {
		named := fields.OneTermEqualSelector(metav1.ObjectNameField, secret.Name).String()
		return secrets.Namespace(secret.Namespace).Watch(ctx, metav1.ListOptions{FieldSelector: named}) //nolint:wrapcheck // whoever asks tries again
	}
}

// Arrivals tells when Secrets come into being that keys are to be put into. No cache knows the
// Secrets of others, so each of them is watched for by its name, as kubelets do. The watch ends
// when the Secret is there; until then it costs a request whenever the API server ends it,
// after half an hour or more.
type Arrivals struct {
	open  Watch
	ring  func(types.NamespacedName)
	clock clock.Clock
	begun chan *arrival

	mu      sync.Mutex
	awaited map[types.NamespacedName]*arrival // by Secret
	waiting map[types.NamespacedName]*arrival // by SecretSync
}

// arrival is a Secret that is waited for.
type arrival struct {
	secret  types.NamespacedName
	waiting map[types.NamespacedName]bool
	over    chan struct{} // nobody waits any more
}

// NewArrivals returns Arrivals that ring the SecretSyncs that wait.
func NewArrivals(open Watch, ring func(types.NamespacedName), c clock.Clock) *Arrivals {
	return &Arrivals{
		open: open, ring: ring, clock: c, begun: make(chan *arrival, maxAwaited),
		awaited: map[types.NamespacedName]*arrival{}, waiting: map[types.NamespacedName]*arrival{},
	}
}

// Run watches for what is awaited until ctx ends. It returns no error.
func (a *Arrivals) Run(ctx context.Context) error {
	var watches sync.WaitGroup
	defer watches.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case it := <-a.begun:
			watches.Go(func() { a.await(ctx, it) })
		}
	}
}

// Await has a SecretSync rung once, when the Secret of that name is there, and reports whether
// it will be: not if as many Secrets as may are watched for already. What it waited for
// before it does not wait for any more.
func (a *Arrivals) Await(who types.NamespacedName, name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	secret := types.NamespacedName{Namespace: who.Namespace, Name: name}
	it := a.awaited[secret]
	if it != nil && it.waiting[who] {
		return true
	}
	a.forget(who)
	if it == nil {
		if it = a.begin(secret); it == nil {
			return false
		}
	}
	it.waiting[who], a.waiting[who] = true, it
	return true
}

// Forget ends the waiting of a SecretSync.
func (a *Arrivals) Forget(who types.NamespacedName) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget(who)
}

func (a *Arrivals) forget(who types.NamespacedName) {
	it := a.waiting[who]
	if it == nil {
		return
	}
	delete(a.waiting, who)
	delete(it.waiting, who)
	if len(it.waiting) == 0 {
		delete(a.awaited, it.secret)
		close(it.over)
	}
}

// begin has one more Secret watched for; nil if there are too many.
func (a *Arrivals) begin(secret types.NamespacedName) *arrival {
	neighbours := 0
	for other := range a.awaited {
		if other.Namespace == secret.Namespace {
			neighbours++
		}
	}
	if len(a.awaited) >= maxAwaited || neighbours >= maxAwaitedIn {
		return nil
	}
	it := &arrival{secret: secret, waiting: map[types.NamespacedName]bool{}, over: make(chan struct{})}
	select {
	case a.begun <- it:
		a.awaited[secret] = it
		return it
	default: // Run has not come to take those before.
		return nil
	}
}

// await watches until the Secret is there and rings, or until nobody waits any more. A watch
// that ended is opened again, after pauses that grow while it does not last.
func (a *Arrivals) await(ctx context.Context, it *arrival) {
	pauses := renewals()
	for ctx.Err() == nil {
		opened := a.clock.Now()
		if a.appears(ctx, it) {
			a.arrive(it)
			return
		}
		if a.clock.Since(opened) > time.Minute {
			pauses = renewals()
		}
		select {
		case <-ctx.Done():
		case <-it.over:
			return
		case <-a.clock.After(pauses.Step()):
		}
	}
}

func renewals() wait.Backoff {
	return wait.Backoff{Duration: time.Second, Factor: 2, Jitter: 0.2, Steps: 20, Cap: 5 * time.Minute}
}

// appears watches once, and reports whether the Secret is there.
func (a *Arrivals) appears(ctx context.Context, it *arrival) bool {
	watcher, err := a.open(ctx, it.secret)
	if err != nil {
		return false
	}
	defer watcher.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-it.over:
			return false
		case event, open := <-watcher.ResultChan():
			switch {
			case !open, event.Type == watch.Error:
				return false
			case event.Type == watch.Added, event.Type == watch.Modified:
				return true
			}
		}
	}
}

// arrive rings whoever waits.
func (a *Arrivals) arrive(it *arrival) {
	a.mu.Lock()
	var rung []types.NamespacedName
	for who := range it.waiting {
		rung = append(rung, who)
		delete(a.waiting, who)
	}
	if a.awaited[it.secret] == it {
		delete(a.awaited, it.secret)
	}
	a.mu.Unlock()
	for _, who := range rung {
		a.ring(who)
	}
}
