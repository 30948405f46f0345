// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/utils/clock"
)

// arrivalsWorld is an API server that is asked for nothing but watches.
type arrivalsWorld struct {
	*Arrivals

	mu     sync.Mutex
	opened []string
	open   map[string]*watch.FakeWatcher
	refuse bool
	rung   []string
}

func newArrivalsWorld(t *testing.T) *arrivalsWorld {
	t.Helper()
	w := &arrivalsWorld{open: map[string]*watch.FakeWatcher{}}
	w.Arrivals = NewArrivals(w.watch, func(who types.NamespacedName) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.rung = append(w.rung, who.Name)
	}, clock.RealClock{})
	go func() { _ = w.Run(t.Context()) }()
	return w
}

func (w *arrivalsWorld) watch(_ context.Context, secret types.NamespacedName) (watch.Interface, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened = append(w.opened, secret.Name)
	if w.refuse {
		return nil, errors.New("not now")
	}
	w.open[secret.Name] = watch.NewFake()
	return w.open[secret.Name], nil
}

// refuses sets whether watches are refused from now on.
func (w *arrivalsWorld) refuses(refuse bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse = refuse
}

func (w *arrivalsWorld) await(who, secret string) bool {
	return w.Await(types.NamespacedName{Namespace: "payments", Name: who}, secret)
}

func (w *arrivalsWorld) wantRung(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.rung)
	if diff := cmp.Diff(want, w.rung); diff != "" {
		t.Errorf("others were rung (-want +got):\n%s", diff)
	}
}

func (w *arrivalsWorld) wantOpened(t *testing.T, want int) {
	t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.opened) != want {
		t.Errorf("want %d watches, got %v", want, w.opened)
	}
}

// TestArrival: one watch for whoever waits for the Secret, which ends with its arrival.
func TestArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newArrivalsWorld(t)
		for range 3 { // each try of theirs says it again
			if !w.await("db", "settings") || !w.await("mail", "settings") || !w.await("left", "settings") {
				t.Fatal("they may not wait")
			}
		}
		w.Forget(types.NamespacedName{Namespace: "payments", Name: "left"})
		w.wantOpened(t, 1)
		w.wantRung(t)
		w.open["settings"].Add(&corev1.Secret{})
		w.wantRung(t, "db", "mail")
		if len(w.awaited)+len(w.waiting) > 0 || !w.open["settings"].IsStopped() {
			t.Error("something is left of it")
		}
		<-time.After(24 * time.Hour)
		w.wantOpened(t, 1)
	})
}

// TestArrivalsEndWithTheirSecretSync: also where that turned to another Secret.
func TestArrivalsEndWithTheirSecretSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newArrivalsWorld(t)
		w.await("db", "settings")
		synctest.Wait()
		w.await("db", "elsewhere")
		w.wantOpened(t, 2)
		if !w.open["settings"].IsStopped() {
			t.Error("the Secret that nobody waits for is watched")
		}
		w.Forget(types.NamespacedName{Namespace: "payments", Name: "db"})
		synctest.Wait()
		if !w.open["elsewhere"].IsStopped() || len(w.awaited)+len(w.waiting) > 0 {
			t.Error("what was forgotten is watched")
		}
		w.wantRung(t)
	})
}

// TestWatchesAreRenewed: at once where they lasted, with growing pauses where they are refused.
func TestWatchesAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newArrivalsWorld(t)
		w.await("db", "settings")
		for opened := 1; opened <= 3; opened++ {
			w.wantOpened(t, opened)
			<-time.After(30 * time.Minute)
			w.open["settings"].Stop()
			<-time.After(2 * time.Second)
		}
		w.refuses(true)
		w.open["settings"].Stop()
		<-time.After(24 * time.Hour)
		synctest.Wait()
		if asked := len(w.opened); asked < 24*60/6 || asked > 24*60/5+20 {
			t.Errorf("it was asked %d times in a day", asked)
		}
		w.refuses(false)
		<-time.After(6 * time.Minute)
		synctest.Wait()
		w.open["settings"].Modify(&corev1.Secret{})
		w.wantRung(t, "db")
	})
}

// TestArrivalsAreBounded: in all, and for one namespace, by Secrets, however many wait for one.
func TestArrivalsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newArrivalsWorld(t)
		for i := range 50 {
			if may := w.await(fmt.Sprintf("sync-%d", i), fmt.Sprintf("secret-%d", i)); may != (i < maxAwaitedIn) {
				t.Errorf("the Secret number %d: %t", i, may)
			}
		}
		if !w.await("one-more", "secret-0") {
			t.Error("another SecretSync may not wait for the same Secret")
		}
		synctest.Wait()
		granted := maxAwaitedIn
		for i := range 2 * maxAwaited {
			if w.Await(types.NamespacedName{Namespace: fmt.Sprintf("tenant-%d", i), Name: "db"}, "settings") {
				granted++
			}
			synctest.Wait()
		}
		w.wantOpened(t, granted)
		if granted != maxAwaited {
			t.Errorf("%d Secrets are watched for", granted)
		}
		w.open["secret-3"].Add(&corev1.Secret{})
		w.wantRung(t, "sync-3")
		if !w.await("sync-20", "secret-20") {
			t.Error("the place that became free is not given")
		}
	})
}
