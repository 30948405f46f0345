// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/uuid"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	kubeevents "k8s.io/client-go/tools/events"
	testclock "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/metrics"
)

// world is a reconciler whose writes are counted and may be refused, and whose cache may lag.
type world struct {
	*Reconciler

	client client.WithWatch
	clock  *testclock.FakeClock
	events *kubeevents.FakeRecorder
	// creates, patches and tells count writes of SecretSyncs and of statuses; many at once are
	// counted under the lock, and looked at when none is under way.
	counting                         sync.Mutex
	creates, patches, deletes, tells int
	// refuse is what the API server says of a creation, nil if it always obeys; lags keeps the
	// cache from showing SecretSyncs.
	refuse func(client.Object) error
	lags   bool
}

func (w *world) count(number *int) {
	w.counting.Lock()
	defer w.counting.Unlock()
	*number++
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{clock: testclock.NewFakeClock(noon()), events: kubeevents.NewFakeRecorder(100)}
	w.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&v1alpha1.ClusterSecretSync{}, &v1alpha1.SecretSync{}).Build()
	counting := interceptor.NewClient(w.client, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			w.count(&w.creates)
			if w.refuse != nil {
				if err := w.refuse(object); err != nil {
					return err
				}
			}
			object.SetUID(uuid.NewUUID())
			return c.Create(ctx, object, options...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			w.count(&w.patches)
			return c.Patch(ctx, object, patch, options...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			w.count(&w.deletes)
			return c.Delete(ctx, object, options...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			w.count(&w.tells)
			return c.SubResource(sub).Patch(ctx, object, patch, options...)
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			if _, syncs := list.(*v1alpha1.SecretSyncList); syncs && w.lags {
				return nil
			}
			return c.List(ctx, list, options...)
		},
	})
	w.Reconciler = New(Options{
		Client: counting, Events: events.NewRecorder(w.events), Metrics: metrics.New("test"), Clock: w.clock, Namespace: home,
	})
	return w
}

func (w *world) reconcile(t *testing.T) ctrl.Result {
	t.Helper()
	result, err := w.Reconcile(t.Context(), requestOf(fanName))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// settle reconciles until what follows from one write is done and told.
func (w *world) settle(t *testing.T) {
	t.Helper()
	for range 3 {
		w.reconcile(t)
		w.clock.Step(settling)
	}
}

// say gives the SecretSync of a namespace a status.
func (w *world) say(t *testing.T, namespace string, edit syncEdit) {
	t.Helper()
	var sync v1alpha1.SecretSync
	if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: fanName}, &sync); err != nil {
		t.Fatal(err)
	}
	edit(&sync)
	if err := w.client.Status().Update(t.Context(), &sync); err != nil {
		t.Fatal(err)
	}
}

func live(names ...string) []client.Object {
	var all []client.Object
	for _, name := range names {
		all = append(all, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"fan": "yes"}}})
	}
	return all
}

// TestStatusesAreGathered: many SecretSyncs that become Ready within a second are one write.
func TestStatusesAreGathered(t *testing.T) {
	const many = 50
	var names []string
	for i := range many {
		names = append(names, fmt.Sprintf("n%02d", i))
	}
	w := newWorld(t, append(live(names...), fan())...)
	if result := w.reconcile(t); w.creates != many || w.tells != 0 || result.RequeueAfter != settling {
		t.Fatalf("%d SecretSyncs created, %d statuses written, next in %s", w.creates, w.tells, result.RequeueAfter)
	}
	if !w.Busy() {
		t.Error("it says that nothing is to be created, before it looked again")
	}
	w.reconcile(t)
	if w.Busy() {
		t.Error("it says that there is more to create")
	}
	for _, name := range names {
		w.say(t, name, told(metav1.ConditionTrue, "Serving"))
		w.clock.Step(10 * time.Millisecond)
		if result := w.reconcile(t); result.RequeueAfter <= 0 && w.clock.Since(noon()) < settling {
			t.Fatal("what waits to be told is not come back to")
		}
	}
	w.clock.Step(settling)
	if result := w.reconcile(t); result.RequeueAfter != 0 {
		t.Errorf("all is told, and it comes back in %s", result.RequeueAfter)
	}
	var object v1alpha1.ClusterSecretSync
	if err := w.client.Get(t.Context(), client.ObjectKey{Name: fanName}, &object); err != nil || *object.Status.Namespaces.Ready != many {
		t.Fatalf("got %+v, error %v", object.Status.Namespaces, err)
	}
	if w.tells != 2 {
		t.Errorf("the status was written %d times, want twice", w.tells)
	}
	for range 3 {
		w.clock.Step(time.Hour)
		w.reconcile(t)
	}
	if w.creates != many || w.patches != 0 || w.tells != 2 {
		t.Errorf("something was written at rest: %d creations, %d changes, %d statuses", w.creates, w.patches, w.tells)
	}
}

// TestALateCacheRepeatsNothing: what was created is not created again because the cache does not
// show it yet, but for one that does not show it ever.
func TestALateCacheRepeatsNothing(t *testing.T) {
	w := newWorld(t, append(live("a"), fan())...)
	w.lags = true
	var result ctrl.Result
	for range 3 {
		result = w.reconcile(t)
	}
	if w.creates != 1 || result.RequeueAfter != unseenFor {
		t.Fatalf("it was created %d times, next in %s", w.creates, result.RequeueAfter)
	}
	w.clock.Step(result.RequeueAfter)
	if w.reconcile(t); w.creates != 2 {
		t.Errorf("it was tried %d times in all, want twice", w.creates)
	}
}

// TestRefusedWritesAreTriedMoreAndMoreSeldom, and the refusal is told.
func TestRefusedWritesAreTriedMoreAndMoreSeldom(t *testing.T) {
	w := newWorld(t, append(live("a"), fan())...)
	w.refuse = func(client.Object) error {
		return apierrors.NewForbidden(v1alpha1.GroupVersion.WithResource("secretsyncs").GroupResource(), fanName, nil)
	}
	w.reconcile(t)
	result := w.reconcile(t)
	if w.creates != 1 || w.tells != 1 || result.RequeueAfter != firstPause {
		t.Fatalf("%d tries, %d statuses, next in %s", w.creates, w.tells, result.RequeueAfter)
	}
	var object v1alpha1.ClusterSecretSync
	if err := w.client.Get(t.Context(), client.ObjectKey{Name: fanName}, &object); err != nil {
		t.Fatal(err)
	}
	if len(object.Status.Failures) != 1 || object.Status.Failures[0].Reason != "Forbidden" {
		t.Errorf("told failures %+v", object.Status.Failures)
	}
	for range 60 {
		w.clock.Step(time.Second)
		w.reconcile(t)
	}
	if w.creates > 8 {
		t.Errorf("%d tries in a minute", w.creates)
	}
	w.refuse = nil
	w.clock.Step(lastPause)
	w.reconcile(t)
	var sync v1alpha1.SecretSync
	if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: "a", Name: fanName}, &sync); err != nil {
		t.Errorf("it was not tried again: %v", err)
	}
}

// TestAQuarrelEnds: what somebody changes again and again is put back less and less often.
func TestAQuarrelEnds(t *testing.T) {
	w := newWorld(t, append(live("a"), fan())...)
	w.reconcile(t)
	for range 120 {
		var sync v1alpha1.SecretSync
		if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: "a", Name: fanName}, &sync); err != nil {
			t.Fatal(err)
		}
		sync.Spec.Suspend = new(true)
		if err := w.client.Update(t.Context(), &sync); err != nil {
			t.Fatal(err)
		}
		w.reconcile(t)
		w.clock.Step(time.Second)
	}
	if w.patches < lasting || w.patches > lasting+8 {
		t.Errorf("it was put back %d times in two minutes", w.patches)
	}
}

// TestGone: of an object that is gone nothing is kept.
func TestGone(t *testing.T) {
	w := newWorld(t, append(live("a"), fan())...)
	w.reconcile(t)
	if err := w.client.Delete(t.Context(), fan()); err != nil {
		t.Fatal(err)
	}
	w.reconcile(t)
	if len(w.memory.known) != 0 {
		t.Error("something is remembered")
	}
	var sync v1alpha1.SecretSync
	if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: "a", Name: fanName}, &sync); err != nil {
		t.Errorf("its SecretSync is gone, too: %v", err)
	}
}
