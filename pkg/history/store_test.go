// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/revision"
)

// world is a store over a fake API server that a test can make fail.
type world struct {
	client client.WithWatch
	index  *Index
	store  *Store
	// fail is returned by the verb it is kept under.
	fail map[string]error
}

func newWorld(objects ...client.Object) *world {
	w := &world{fail: map[string]error{}, index: NewIndex(func(types.NamespacedName) {})}
	w.client = interceptor.NewClient(fake.NewClientBuilder().WithObjects(objects...).Build(), interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			return firstOf(w.fail["get"], func() error { return c.Get(ctx, key, o, opts...) })
		},
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return firstOf(w.fail["create"], func() error { return c.Create(ctx, o, opts...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			return firstOf(w.fail["delete"], func() error { return c.Delete(ctx, o, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return firstOf(w.fail["patch"], func() error { return c.Patch(ctx, o, p, opts...) })
		},
	})
	w.store = NewStore(w.client, testKeys(1), w.index)
	return w
}

func firstOf(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

func (w *world) get(t *testing.T, id revision.ID) *corev1.Secret {
	t.Helper()
	var secret corev1.Secret
	if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: id.Namespace, Name: id.SecretName()}, &secret); err != nil {
		t.Fatalf("reading the revision: %v", err)
	}
	return &secret
}

// refusals are what an API server may answer, and the class it becomes.
func refusals() map[fault.Class]error {
	secrets := schema.GroupResource{Resource: "secrets"}
	return map[fault.Class]error{
		fault.Rejected: apierrors.NewForbidden(secrets, "db.r1", errors.New("exceeded quota: m4rk3r")),
		fault.Conflict: apierrors.NewConflict(secrets, "db.r1", errors.New("m4rk3r")),
		fault.Internal: apierrors.NewInternalError(errors.New("m4rk3r")),
	}
}

func wantFault(t *testing.T, err error, class fault.Class) {
	t.Helper()
	if fault.ClassOf(err) != class || fault.As(err) == nil {
		t.Errorf("the error is %v of class %q, want %q", err, fault.ClassOf(err), class)
	}
	if err != nil && strings.Contains(err.Error(), "m4rk3r") {
		t.Errorf("the error repeats what the server said: %v", err)
	}
}

func TestStoreReadsBackWhatItCreated(t *testing.T) {
	w, want := newWorld(), testRecord(3)
	if err := w.store.Create(t.Context(), testOwner(), want); err != nil {
		t.Fatalf("Create: %v", err)
	}
	got, err := w.store.Read(t.Context(), want.ID)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	name := types.NamespacedName{Namespace: "payments", Name: "db"}
	if !w.index.Has(want.ID) || w.index.Highest(name) != 3 || len(w.index.Orphans(name, "uid-1")) != 0 {
		t.Error("the index lags behind its own operator")
	}
}

// TestOwnRevisionsAreNoNews: the watch may be quicker than the answer to the creation.
func TestOwnRevisionsAreNoNews(t *testing.T) {
	rung := 0
	w := newWorld()
	w.index.changed = func(types.NamespacedName) { rung++ }
	f := &feed{index: w.index}
	w.store.client = interceptor.NewClient(w.client, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			must(t, f.Add(listed(testID(1), "uid-1"))) // ours
			must(t, f.Add(listed(testID(2), "uid-1"))) // another's
			return c.Create(ctx, o, opts...)
		},
	})
	if err := w.store.Create(t.Context(), testOwner(), testRecord(1)); err != nil {
		t.Fatalf("Create: %v", err)
	}
	must(t, f.Add(listed(testID(1), "uid-1")))
	if rung != 1 || !w.index.Has(testID(1)) {
		t.Errorf("woken %d times, want once, for the revision that is not ours", rung)
	}
	must(t, f.Delete(listed(testID(1), "uid-1")))
	if rung != 2 {
		t.Error("a revision that somebody deletes is no news")
	}
}

func TestCreateWhereTheNumberIsTaken(t *testing.T) {
	w := newWorld(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db.r1"}})
	wantFault(t, w.store.Create(t.Context(), testOwner(), testRecord(1)), fault.Conflict)
	if got := w.index.Highest(types.NamespacedName{Namespace: "payments", Name: "db"}); got != 1 {
		t.Errorf("Highest = %d: the next attempt would take the same number", got)
	}
}

func TestStoreClassesWhatTheServerRefuses(t *testing.T) {
	for class, refusal := range refusals() {
		t.Run(string(class), func(t *testing.T) {
			w := newWorld(encoded(t, testRecord(1)))
			w.index.add(testID(1), "uid-9")
			w.fail["create"], w.fail["delete"], w.fail["patch"] = refusal, refusal, refusal
			wantFault(t, w.store.Create(t.Context(), testOwner(), testRecord(2)), class)
			wantFault(t, w.store.Delete(t.Context(), testID(1)), class)
			wantFault(t, w.store.Own(t.Context(), testOwner(), testID(1)), class)
			w.fail["get"] = refusal
			_, err := w.store.Read(t.Context(), testID(1))
			wantFault(t, err, class)
			wantFault(t, w.store.Own(t.Context(), testOwner(), testID(1)), class)
			name := types.NamespacedName{Namespace: "payments", Name: "db"}
			if w.index.Has(testID(2)) || !slices.Equal(w.index.Orphans(name, "uid-1"), []int64{1}) {
				t.Error("the index knows of what did not happen")
			}
		})
	}
}

func TestReadWhatIsNotThere(t *testing.T) {
	w := newWorld()
	w.index.add(testID(1), "uid-1") // a Secret of another type took the number and went again
	_, err := w.store.Read(t.Context(), testID(1))
	if wantFault(t, err, fault.Suspicious); fault.ReasonOf(err) != ReasonMissing {
		t.Errorf("reason %q, want %q", fault.ReasonOf(err), ReasonMissing)
	}
	if w.index.Has(testID(1)) {
		t.Error("the index believes in what a live read does not find")
	}
}

func TestReadWhatDoesNotVerify(t *testing.T) {
	secret := encoded(t, testRecord(1))
	secret.Data["USER"] = []byte("m4rk3r-forged")
	_, err := newWorld(secret).store.Read(t.Context(), testID(1))
	if wantFault(t, err, fault.Suspicious); fault.ReasonOf(err) != ReasonUntrusted {
		t.Errorf("reason %q, want %q", fault.ReasonOf(err), ReasonUntrusted)
	}
}

func TestDelete(t *testing.T) {
	w := newWorld(encoded(t, testRecord(1)))
	w.index.add(testID(1), "uid-1")
	for _, attempt := range []string{"there", "gone already"} {
		if err := w.store.Delete(t.Context(), testID(1)); err != nil {
			t.Errorf("deleting what is %s: %v", attempt, err)
		}
	}
	if w.index.Has(testID(1)) {
		t.Error("the index still has what was deleted")
	}
}

func TestOwn(t *testing.T) {
	stripped, former := encoded(t, testRecord(1)), encoded(t, testRecord(2))
	stripped.OwnerReferences = nil
	former.OwnerReferences[0].UID = "uid-0"
	former.Labels = map[string]string{"backup.example/restored": "true"}
	w := newWorld(stripped, former)
	w.index.add(testID(1), "")
	w.index.add(testID(2), "uid-0")
	for _, number := range []int64{1, 2} {
		if err := w.store.Own(t.Context(), testOwner(), testID(number)); err != nil {
			t.Fatalf("Own: %v", err)
		}
		if diff := cmp.Diff([]metav1.OwnerReference{ownerReference(testOwner())}, w.get(t, testID(number)).OwnerReferences); diff != "" {
			t.Errorf("revision %d (-want +got):\n%s", number, diff)
		}
		if _, err := w.store.Read(t.Context(), testID(number)); err != nil {
			t.Errorf("revision %d does not verify any more: %v", number, err)
		}
	}
	if w.get(t, testID(2)).Labels["backup.example/restored"] != "true" {
		t.Error("owning took a label of somebody else's")
	}
	if got := w.index.Orphans(types.NamespacedName{Namespace: "payments", Name: "db"}, "uid-1"); len(got) != 0 {
		t.Errorf("Orphans = %v after owning", got)
	}
}

// TestOwnLeavesAloneWhatIsNoRevision: an owner reference is a death sentence once the
// owner goes.
func TestOwnLeavesAloneWhatIsNoRevision(t *testing.T) {
	w := newWorld(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db.r1"}, Type: corev1.SecretTypeOpaque})
	for _, number := range []int64{1, 2} { // another Secret, and none
		w.index.add(testID(number), "")
		if err := w.store.Own(t.Context(), testOwner(), testID(number)); err != nil || w.index.Has(testID(number)) {
			t.Errorf("revision %d: Own = %v, index has it: %t", number, err, w.index.Has(testID(number)))
		}
	}
	if refs := w.get(t, testID(1)).OwnerReferences; len(refs) != 0 {
		t.Errorf("a foreign Secret is owned: %v", refs)
	}
}

// TestOwnIsOptimistic: who changed the revision meanwhile is not overwritten.
func TestOwnIsOptimistic(t *testing.T) {
	w := newWorld(encoded(t, testRecord(1)))
	inner := w.client
	w.store.client = interceptor.NewClient(inner, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			var meanwhile corev1.Secret
			must(t, c.Get(ctx, client.ObjectKeyFromObject(o), &meanwhile))
			meanwhile.Labels = map[string]string{"a": "b"}
			must(t, c.Update(ctx, &meanwhile))
			return c.Patch(ctx, o, p, opts...)
		},
	})
	wantFault(t, w.store.Own(t.Context(), testOwner(), testID(1)), fault.Conflict)
}
