// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/metadata/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/revision"
)

// listed returns a revision's Secret as a metadata watch shows it. An empty owner is none.
func listed(id revision.ID, owner types.UID) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: id.Namespace, Name: id.SecretName()},
	}
	if owner != "" {
		object.OwnerReferences = []metav1.OwnerReference{{UID: owner, Controller: new(true)}}
	}
	return object
}

// newFeed returns a feed of all namespaces.
func newFeed(index *Index) *feed { return &feed{index: index, listed: func() {}} }

// model is what an Index should know, kept the plain way.
type model struct {
	owners  map[revision.ID]types.UID
	highest map[types.NamespacedName]int64
	rung    map[types.NamespacedName]int
}

func (m *model) add(id revision.ID, owner types.UID) {
	before, known := m.owners[id]
	m.owners[id] = owner
	name := types.NamespacedName{Namespace: id.Namespace, Name: id.Name}
	m.highest[name] = max(m.highest[name], id.Number)
	if !known || before != owner {
		m.rung[name]++
	}
}

func (m *model) remove(id revision.ID) {
	if _, known := m.owners[id]; known {
		delete(m.owners, id)
		m.rung[types.NamespacedName{Namespace: id.Namespace, Name: id.Name}]++
	}
}

func (m *model) numbers(name types.NamespacedName, want func(types.UID) bool) []int64 {
	var numbers []int64
	for id, owner := range m.owners {
		if id.Namespace == name.Namespace && id.Name == name.Name && want(owner) {
			numbers = append(numbers, id.Number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// forget drops the highest number of what has no revision left.
func (m *model) forget(name types.NamespacedName) {
	if len(m.numbers(name, func(types.UID) bool { return true })) == 0 {
		delete(m.highest, name)
	}
}

// TestIndexFollowsTheWatch feeds random events and compares all answers with the model.
func TestIndexFollowsTheWatch(t *testing.T) {
	names := []types.NamespacedName{{Namespace: "a", Name: "x"}, {Namespace: "a", Name: "x.r1"}, {Namespace: "b", Name: "x"}}
	uids := []types.UID{"", "uid-1", "uid-2"}
	rapid.Check(t, func(t *rapid.T) {
		want := model{map[revision.ID]types.UID{}, map[types.NamespacedName]int64{}, map[types.NamespacedName]int{}}
		rung := map[types.NamespacedName]int{}
		index := NewIndex(func(name types.NamespacedName) { rung[name]++ })
		f := newFeed(index)
		drawID := func() revision.ID {
			name := rapid.SampledFrom(names).Draw(t, "name")
			return revision.ID{Namespace: name.Namespace, Name: name.Name, Number: rapid.Int64Range(1, 6).Draw(t, "number")}
		}
		drawUID := func() types.UID { return rapid.SampledFrom(uids).Draw(t, "uid") }
		t.Repeat(map[string]func(*rapid.T){
			"Add": func(t *rapid.T) {
				id, uid := drawID(), drawUID()
				want.add(id, uid)
				must(t, f.Add(listed(id, uid)))
			},
			"Update": func(t *rapid.T) {
				id, uid := drawID(), drawUID()
				want.add(id, uid)
				must(t, f.Update(listed(id, uid)))
			},
			"Delete": func(t *rapid.T) {
				id := drawID()
				want.remove(id)
				must(t, f.Delete(listed(id, drawUID())))
			},
			"DeleteMissed": func(t *rapid.T) {
				id := drawID()
				want.remove(id)
				must(t, f.Delete(cache.DeletedFinalStateUnknown{Obj: listed(id, "")}))
			},
			"Replace": func(t *rapid.T) {
				all := map[revision.ID]types.UID{}
				var objects []any
				for range rapid.IntRange(0, 8).Draw(t, "listed") {
					id, uid := drawID(), drawUID()
					if _, twice := all[id]; !twice {
						all[id] = uid
						objects = append(objects, listed(id, uid))
					}
				}
				for id, uid := range all {
					want.add(id, uid)
				}
				for _, id := range slices.Collect(maps.Keys(want.owners)) {
					if _, present := all[id]; !present {
						want.remove(id)
					}
				}
				must(t, f.Replace(objects, "1"))
			},
			"Forget": func(t *rapid.T) {
				name := rapid.SampledFrom(names).Draw(t, "name")
				want.forget(name)
				index.Forget(name)
			},
			"": func(t *rapid.T) {
				for _, name := range names {
					compareIndex(t, index, &want, name)
				}
				if diff := cmp.Diff(want.rung, rung); diff != "" {
					t.Fatalf("woken (-want +got):\n%s", diff)
				}
			},
		})
	})
}

func compareIndex(t *rapid.T, index *Index, want *model, name types.NamespacedName) {
	if got := index.Highest(name); got != want.highest[name] {
		t.Fatalf("Highest(%s) = %d, want %d", name, got, want.highest[name])
	}
	all := want.numbers(name, func(types.UID) bool { return true })
	if diff := cmp.Diff(all, index.Numbers(name), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("Numbers(%s) (-want +got):\n%s", name, diff)
	}
	orphans := want.numbers(name, func(uid types.UID) bool { return uid != "uid-1" })
	if diff := cmp.Diff(orphans, index.Orphans(name, "uid-1"), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("Orphans(%s) (-want +got):\n%s", name, diff)
	}
	for number := range int64(8) {
		id := revision.ID{Namespace: name.Namespace, Name: name.Name, Number: number}
		if got := index.Has(id); got != slices.Contains(all, number) {
			t.Fatalf("Has(%v) = %t", id, got)
		}
	}
}

func must(t interface{ Fatalf(string, ...any) }, err error) {
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// TestIndexIgnoresLookAlikes: what does not have the name of a revision is none, and an
// owner that is not the controller does not count.
func TestIndexIgnoresLookAlikes(t *testing.T) {
	rung := 0
	index := NewIndex(func(types.NamespacedName) { rung++ })
	f := newFeed(index)
	other := listed(testID(1), "")
	other.Name = "db"
	huge := listed(testID(1), "")
	huge.Name = "db.r9223372036854775807"
	for _, object := range []any{other, huge, &corev1.Secret{}, nil, cache.DeletedFinalStateUnknown{}} {
		must(t, f.Add(object))
		must(t, f.Delete(object))
	}
	must(t, f.Replace([]any{other, huge}, "1"))
	if rung != 0 || len(index.ids()) != 0 {
		t.Errorf("woken %d times, knows %v", rung, index.ids())
	}
	noController := listed(testID(1), "uid-1")
	noController.OwnerReferences[0].Controller = nil
	must(t, f.Add(noController))
	if got := index.Orphans(types.NamespacedName{Namespace: "payments", Name: "db"}, "uid-1"); !slices.Equal(got, []int64{1}) {
		t.Errorf("Orphans = %v, want the one without a controller", got)
	}
	must(t, f.Resync())
}

// TestHighestOutlivesItsRevisions: a number that was used stays burnt when it is pruned.
func TestHighestOutlivesItsRevisions(t *testing.T) {
	index := NewIndex(func(types.NamespacedName) {})
	name := types.NamespacedName{Namespace: "payments", Name: "db"}
	index.add(testID(7), "uid-1")
	index.remove(testID(7))
	if got := index.Highest(name); got != 7 {
		t.Errorf("Highest = %d after the last revision went, want 7", got)
	}
	index.Forget(name)
	if got := index.Highest(name); got != 0 {
		t.Errorf("Highest = %d of an owner that is gone, want 0", got)
	}
}

// TestRunTakesInListAndWatch runs the index on a fake API.
func TestRunTakesInListAndWatch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	scheme := fake.NewTestScheme()
	must(t, metav1.AddMetaToScheme(scheme))
	client := fake.NewSimpleMetadataClient(scheme, listed(testID(1), "uid-1"))
	rung := make(chan types.NamespacedName, 10)
	index := NewIndex(func(name types.NamespacedName) { rung <- name })
	var group sync.WaitGroup
	group.Go(func() { must(t, index.Run(ctx, client)) })
	defer group.Wait()
	defer cancel()

	must(t, index.WaitForSync(ctx))
	if name := <-rung; name != (types.NamespacedName{Namespace: "payments", Name: "db"}) || !index.Has(testID(1)) {
		t.Errorf("woken for %s, knows %v", name, index.ids())
	}
	awaitWatch(t, client)
	must(t, client.Tracker().Create(secretsResource, listed(testID(2), ""), "payments"))
	<-rung
	must(t, client.Tracker().Delete(secretsResource, "payments", testID(1).SecretName()))
	<-rung
	if got := index.Numbers(types.NamespacedName{Namespace: "payments", Name: "db"}); !slices.Equal(got, []int64{2}) {
		t.Errorf("Numbers = %v, want 2 alone", got)
	}
	for _, action := range client.Actions() {
		var selector fields.Selector
		switch a := action.(type) {
		case clienttesting.ListAction:
			selector = a.GetListRestrictions().Fields
		case clienttesting.WatchAction:
			selector = a.GetWatchRestrictions().Fields
		}
		if selector == nil || selector.String() != "type=secretsync.io/revision" {
			t.Errorf("%s asks for %v: other Secrets are none of its business", action.GetVerb(), selector)
		}
	}
}

// TestRunWatchesTheNamespacesGiven: what one namespace lists says nothing of another, and
// all are listed before the index is synced.
func TestRunWatchesTheNamespacesGiven(t *testing.T) {
	index := NewIndex(func(types.NamespacedName) {})
	a, b := revision.ID{Namespace: "a", Name: "db", Number: 1}, revision.ID{Namespace: "b", Name: "db", Number: 1}
	ofA, ofB := &feed{index: index, namespace: "a", listed: func() {}}, &feed{index: index, namespace: "b", listed: func() {}}
	must(t, ofA.Replace([]any{listed(a, "")}, "1"))
	must(t, ofB.Replace([]any{listed(b, "")}, "1"))
	must(t, ofB.Replace(nil, "2"))
	if !index.Has(a) || index.Has(b) {
		t.Errorf("want the revision of a alone, got %v", index.ids())
	}

	ctx, cancel := context.WithCancel(t.Context())
	scheme := fake.NewTestScheme()
	must(t, metav1.AddMetaToScheme(scheme))
	c := revision.ID{Namespace: "c", Name: "db", Number: 1}
	client := fake.NewSimpleMetadataClient(scheme, listed(a, ""), listed(b, ""), listed(c, ""))
	index = NewIndex(func(types.NamespacedName) {})
	var group sync.WaitGroup
	group.Go(func() { must(t, index.Run(ctx, client, "a", "b")) })
	defer group.Wait()
	defer cancel()
	must(t, index.WaitForSync(ctx))
	if !index.Has(a) || !index.Has(b) || index.Has(c) {
		t.Errorf("want the revisions of a and b, got %v", index.ids())
	}
}

// awaitWatch waits until the index watches: the fake API does not show a watcher what
// happened before it came.
func awaitWatch(t *testing.T, client *fake.FakeMetadataClient) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for tick := time.Tick(time.Millisecond); ; {
		for _, action := range client.Actions() {
			if action.GetVerb() == "watch" {
				return
			}
		}
		select {
		case <-tick:
		case <-deadline:
			t.Fatal("the index does not watch")
		}
	}
}

func TestWaitForSyncEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := NewIndex(nil).WaitForSync(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("WaitForSync = %v, want the context's error", err)
	}
}

// TestIndexIsSafeForConcurrentUse is for the race detector.
func TestIndexIsSafeForConcurrentUse(t *testing.T) {
	index := NewIndex(func(types.NamespacedName) {})
	f := newFeed(index)
	name := types.NamespacedName{Namespace: "payments", Name: "db"}
	var group sync.WaitGroup
	for worker := range int64(4) {
		group.Go(func() {
			for i := range int64(200) {
				id := testID(1 + (i+worker)%9)
				index.add(id, "uid-1")
				must(t, f.Replace([]any{listed(id, "uid-2")}, ""))
				index.Highest(name)
				index.Orphans(name, "uid-1")
				index.remove(id)
				index.Forget(name)
			}
		})
	}
	group.Wait()
}
