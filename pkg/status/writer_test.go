// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

var errBoom = errors.New("boom")

// server is a fake API server that answers a failed test of a JSON patch as a real one
// does, and that a test can make fail. It counts the patches it accepted.
type server struct {
	client.WithWatch

	mu      sync.Mutex
	fail    error
	before  func(key types.NamespacedName) // called once, ahead of the next patch
	patches int
	texts   []string
}

func newServer(tb testing.TB, objects ...client.Object) *server {
	tb.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		tb.Fatal(err)
	}
	s := &server{}
	inner := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.SecretSync{}, &v1alpha1.SecretBackend{}).Build()
	s.WithWatch = interceptor.NewClient(inner, interceptor.Funcs{SubResourcePatch: s.patch})
	return s
}

func (s *server) patch(ctx context.Context, c client.Client, subresource string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
	s.mu.Lock()
	hook := s.before
	s.before = nil
	s.mu.Unlock()
	if hook != nil {
		hook(client.ObjectKeyFromObject(o))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.fail, ctx.Err()); err != nil {
		return err
	}
	text, err := p.Data(o)
	if err != nil {
		return err
	}
	err = c.SubResource(subresource).Patch(ctx, o, p, opts...)
	if err != nil && strings.Contains(err.Error(), "test failed") {
		return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
	}
	if err == nil {
		s.patches++
		s.texts = append(s.texts, string(text))
	}
	return err
}

func (s *server) failing(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// served returns the status that the API server has.
func (s *server) served(tb testing.TB, key types.NamespacedName) v1alpha1.SecretSyncStatus {
	tb.Helper()
	return s.read(tb, key).Status
}

func (s *server) read(tb testing.TB, key types.NamespacedName) *v1alpha1.SecretSync {
	tb.Helper()
	var object v1alpha1.SecretSync
	if err := s.Get(context.Background(), key, &object); err != nil {
		tb.Fatalf("reading %s: %v", key, err)
	}
	return &object
}

func (s *server) wantPatches(tb testing.TB, want int) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.patches != want {
		tb.Errorf("%d patches, want %d: %v", s.patches, want, s.texts)
	}
}

func syncOf(name string, uid types.UID) *v1alpha1.SecretSync {
	return &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: name, UID: uid}}
}

var keyDB = types.NamespacedName{Namespace: "payments", Name: "db"} //nolint:gochecknoglobals // a constant, which Go cannot declare

// serving returns a status with all kinds of fields.
func serving(number int64) v1alpha1.SecretSyncStatus {
	now := metav1.NewTime(at("12:00:00"))
	return v1alpha1.SecretSyncStatus{
		ObservedGeneration: 1, Target: "db", ServingRevision: number, NewestRevision: number,
		Conditions: Conditions(nil, Facts{Generation: 1, Serving: number}, now.Time),
		History:    []v1alpha1.HistoryEntry{{Revision: number, ObservedAt: now, Digest: "d" + strconv.FormatInt(number, 10)}},
		Served:     []v1alpha1.ServedEntry{{Revision: number, From: now, Cause: v1alpha1.CauseNewVersion}},
	}
}

func wantStatus(tb testing.TB, want, got v1alpha1.SecretSyncStatus) {
	tb.Helper()
	if !equality.Semantic.DeepEqual(want, got) {
		tb.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
	}
}

func flush(tb testing.TB, w *Writer, key types.NamespacedName) {
	tb.Helper()
	if err := w.Flush(context.Background(), key); err != nil {
		tb.Fatalf("Flush: %v", err)
	}
}

func TestPutIsWrittenOnce(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w, cached := NewWriter(s), s.read(t, keyDB)
	if !w.Put(cached, serving(1)) || w.Put(cached, serving(1)) {
		t.Error("Put does not tell a change from none")
	}
	wantStatus(t, serving(1), w.Current(cached))
	s.wantPatches(t, 0)
	flush(t, w, keyDB)
	flush(t, w, keyDB)
	s.wantPatches(t, 1)
	wantStatus(t, serving(1), s.served(t, keyDB))
}

// TestWhatElseIsSaidFollows the status: also one that cannot be written, or is no change.
func TestWhatElseIsSaidFollows(t *testing.T) {
	cases := map[string]struct {
		before, next int64
		fails        error
		patches      int
	}{
		"Written":  {next: 1, patches: 1},
		"Refused":  {next: 1, fails: errBoom},
		"NoChange": {before: 1, next: 1, patches: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, syncOf("db", "uid-1"))
			w, cached := NewWriter(s), s.read(t, keyDB)
			if tc.before > 0 {
				w.Put(cached, serving(tc.before))
				flush(t, w, keyDB)
			}
			s.failing(tc.fails)
			said := 0
			w.Put(cached, serving(tc.next), func() {
				said++
				s.wantPatches(t, tc.patches)
			})
			if said != 0 {
				t.Error("it was said at once")
			}
			for range 2 {
				if err := w.Flush(context.Background(), keyDB); !errors.Is(err, tc.fails) {
					t.Fatalf("Flush: %v", err)
				}
			}
			if said != 1 {
				t.Errorf("it was said %d times", said)
			}
		})
	}
}

// TestOnlyTheNewestIsWritten: what was put in between is nobody's business any more.
func TestOnlyTheNewestIsWritten(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w, cached := NewWriter(s), s.read(t, keyDB)
	for number := range int64(5) {
		w.Put(cached, serving(number+1))
	}
	flush(t, w, keyDB)
	s.wantPatches(t, 1)
	wantStatus(t, serving(5), s.served(t, keyDB))
}

// TestPutBackIsNoChange: a status that returns to what the API server has is not written.
func TestPutBackIsNoChange(t *testing.T) {
	for name, caughtUp := range map[string]bool{"CacheBehind": false, "CacheCaughtUp": true} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, syncOf("db", "uid-1"))
			w, cached := NewWriter(s), s.read(t, keyDB)
			w.Put(cached, serving(1))
			flush(t, w, keyDB)
			if caughtUp {
				cached = s.read(t, keyDB)
			}
			w.Put(cached, serving(2))
			w.Put(cached, serving(1))
			flush(t, w, keyDB)
			s.wantPatches(t, 1)
			wantStatus(t, serving(1), w.Current(cached))
		})
	}
}

func TestFieldsThatGoAreRemoved(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w := NewWriter(s)
	full := serving(1)
	full.Blocked = &v1alpha1.BlockedStatus{Token: "t", Keys: []string{"A"}}
	w.Put(s.read(t, keyDB), full)
	flush(t, w, keyDB)
	less := v1alpha1.SecretSyncStatus{ObservedGeneration: 2}
	w.Put(s.read(t, keyDB), less)
	flush(t, w, keyDB)
	wantStatus(t, less, s.served(t, keyDB))
}

func TestCurrent(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w, behind := NewWriter(s), s.read(t, keyDB)
	wantStatus(t, v1alpha1.SecretSyncStatus{}, w.Current(behind))
	w.Put(behind, serving(1))
	wantStatus(t, serving(1), w.Current(behind))
	flush(t, w, keyDB)
	wantStatus(t, serving(1), w.Current(behind)) // the cache does not show the write yet

	byHand := s.read(t, keyDB) // somebody edits the status after us
	byHand.Status.ServingRevision = 9
	if err := s.Status().Update(t.Context(), byHand); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, s.served(t, keyDB), w.Current(s.read(t, keyDB)))
	if len(w.entries) != 0 {
		t.Error("what the cache shows is kept for nothing")
	}
	w.Put(s.read(t, keyDB), serving(2))
	wantStatus(t, serving(2), w.Current(s.read(t, keyDB))) // not written yet, and newer than the cache
}

// TestCurrentIsACopy: a reconcile works on what it gets.
func TestCurrentIsACopy(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w, cached := NewWriter(s), s.read(t, keyDB)
	w.Put(cached, serving(1))
	current := w.Current(cached)
	current.Conditions[0].Message, current.History[0].Digest = "edited", "edited"
	wantStatus(t, serving(1), w.Current(cached))
}

func TestFailuresAreTriedAgain(t *testing.T) {
	for name, err := range map[string]error{
		"Unreachable": errBoom,
		"Refused":     apierrors.NewForbidden(schema.GroupResource{}, "db", errBoom),
		"Contended":   apierrors.NewConflict(schema.GroupResource{}, "db", errBoom),
		"Invalid":     apierrors.NewInvalid(schema.GroupKind{}, "db", field.ErrorList{field.Required(field.NewPath("status"), "")}),
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, syncOf("db", "uid-1"))
			w, cached := NewWriter(s), s.read(t, keyDB)
			w.Put(cached, serving(1))
			s.failing(err)
			if got := w.Flush(t.Context(), keyDB); !errors.Is(got, err) {
				t.Errorf("Flush = %v, want the server's answer", got)
			}
			wantStatus(t, serving(1), w.Current(cached))
			s.failing(nil)
			flush(t, w, keyDB)
			wantStatus(t, serving(1), s.served(t, keyDB))
		})
	}
}

// TestWritesOfGoneObjectsAreDropped: neither is an object made up, nor does another of
// its name get the status.
func TestWritesOfGoneObjectsAreDropped(t *testing.T) {
	for name, successor := range map[string]*v1alpha1.SecretSync{"Gone": nil, "Recreated": syncOf("db", "uid-2")} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, syncOf("db", "uid-1"))
			w, cached := NewWriter(s), s.read(t, keyDB)
			w.Put(cached, serving(1))
			replace(t, s, cached, successor)
			flush(t, w, keyDB)
			s.wantPatches(t, 0)
			if len(w.entries) != 0 {
				t.Error("an object that is gone is remembered")
			}
			if successor != nil {
				wantStatus(t, v1alpha1.SecretSyncStatus{}, s.served(t, keyDB))
			}
		})
	}
}

func replace(tb testing.TB, s *server, old, successor *v1alpha1.SecretSync) {
	tb.Helper()
	if err := s.Delete(context.Background(), old.DeepCopy()); err != nil {
		tb.Fatal(err)
	}
	if successor == nil {
		return
	}
	if err := s.Create(context.Background(), successor.DeepCopy()); err != nil {
		tb.Fatal(err)
	}
}

// TestSuccessorIsNotDroppedWithItsPredecessor: the write for the old object fails while
// the status of the new one is put.
func TestSuccessorIsNotDroppedWithItsPredecessor(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w, old := NewWriter(s), s.read(t, keyDB)
	w.Put(old, serving(1))
	s.before = func(types.NamespacedName) {
		replace(t, s, old, syncOf("db", "uid-2"))
		w.Put(s.read(t, keyDB), serving(2))
	}
	flush(t, w, keyDB)
	s.wantPatches(t, 0)
	flush(t, w, keyDB)
	wantStatus(t, serving(2), s.served(t, keyDB))
}

func TestPutDuringAWriteIsWrittenNext(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w, cached := NewWriter(s), s.read(t, keyDB)
	w.Put(cached, serving(1))
	s.before = func(types.NamespacedName) { w.Put(cached, serving(2)) }
	flush(t, w, keyDB)
	wantStatus(t, serving(1), s.served(t, keyDB))
	wantStatus(t, serving(2), w.Current(s.read(t, keyDB)))
	flush(t, w, keyDB)
	wantStatus(t, serving(2), s.served(t, keyDB))
}

func TestForget(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w, cached := NewWriter(s), s.read(t, keyDB)
	w.Put(cached, serving(1))
	w.Forget(keyDB)
	flush(t, w, keyDB)
	s.wantPatches(t, 0)
	wantStatus(t, v1alpha1.SecretSyncStatus{}, w.Current(cached))
	w.Put(cached, serving(1))
	s.before = w.Forget // deleted while it is being written
	flush(t, w, keyDB)
	if len(w.entries) != 0 {
		t.Error("a forgotten object comes back")
	}
}

func TestPatchNamesItsObject(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w := NewWriter(s)
	w.Put(s.read(t, keyDB), v1alpha1.SecretSyncStatus{ObservedGeneration: 3})
	flush(t, w, keyDB)
	want := `[{"op":"test","path":"/metadata/uid","value":"uid-1"},{"op":"add","path":"/status","value":{"observedGeneration":3}}]`
	if len(s.texts) != 1 || s.texts[0] != want || !json.Valid([]byte(want)) {
		t.Errorf("patches %v, want %s", s.texts, want)
	}
}

// running is a Writer at work in a bubble of virtual time.
type running struct {
	*Writer

	server *server
	stop   func() time.Duration
	log    *[]string
}

// run runs a Writer; stop ends it and returns how long that took.
func run(t *testing.T, grace time.Duration, names ...string) running {
	t.Helper()
	var objects []client.Object
	for _, name := range names {
		objects = append(objects, syncOf(name, types.UID("uid-"+name)))
	}
	var log []string
	logger := funcr.New(func(_, line string) { log = append(log, line) }, funcr.Options{})
	r := running{server: newServer(t, objects...), log: &log}
	r.Writer = NewWriter(r.server)
	ctx, cancel := context.WithCancel(logr.NewContext(t.Context(), logger))
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, 2, grace) }()
	synctest.Wait()
	r.stop = func() time.Duration {
		begin := time.Now()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
		return time.Since(begin)
	}
	return r
}

func (r running) put(t *testing.T, name string, number int64) types.NamespacedName {
	t.Helper()
	key := types.NamespacedName{Namespace: "payments", Name: name}
	r.Put(r.server.read(t, key), serving(number))
	return key
}

func TestRunWritesWhatIsPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, time.Second, "a", "b")
		a, b := r.put(t, "a", 1), r.put(t, "b", 2)
		synctest.Wait()
		wantStatus(t, serving(1), r.server.served(t, a))
		wantStatus(t, serving(2), r.server.served(t, b))
		r.server.wantPatches(t, 2)
		if took := r.stop(); took != 0 {
			t.Errorf("stopping with nothing to do took %s", took)
		}
	})
}

// TestRunRecovers: however long the API server is away, a status is there half a minute
// after it is back.
func TestRunRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, time.Second, "a")
		r.server.failing(errBoom)
		a := r.put(t, "a", 1)
		<-time.After(2 * time.Hour)
		r.server.failing(nil)
		<-time.After(lastRewrite)
		synctest.Wait()
		wantStatus(t, serving(1), r.server.served(t, a))
		r.server.wantPatches(t, 1)
		if len(*r.log) > 0 {
			t.Errorf("an outage is told %d times by every status that waits: %v", len(*r.log), (*r.log)[0])
		}
		r.stop()
	})
}

func TestInvalidStatusIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, time.Second, "a")
		r.server.failing(apierrors.NewInvalid(schema.GroupKind{}, "a", field.ErrorList{field.Required(field.NewPath("status.x"), "")}))
		r.put(t, "a", 1)
		synctest.Wait()
		if len(*r.log) != 1 || !strings.Contains((*r.log)[0], "status.x") || !strings.Contains((*r.log)[0], "payments/a") {
			t.Errorf("log %v, want the object and what is wrong", *r.log)
		}
		r.stop()
	})
}

// TestStopWritesWhatIsLeft, in the queue as well as in a pause after a failure.
func TestStopWritesWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, time.Second, "a", "b")
		r.server.failing(errBoom)
		a, b := r.put(t, "a", 1), r.put(t, "b", 2)
		<-time.After(10 * time.Minute)
		synctest.Wait()
		r.server.failing(nil)
		r.stop()
		wantStatus(t, serving(1), r.server.served(t, a))
		wantStatus(t, serving(2), r.server.served(t, b))
	})
}

// TestStopEndsInTime: an API server that hangs does not keep the operator.
func TestStopEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const grace = 3 * time.Second
		r := run(t, grace, "a", "b", "c", "d")
		hang := make(chan struct{})
		defer close(hang)
		r.client = interceptor.NewClient(r.server, interceptor.Funcs{
			SubResourcePatch: func(ctx context.Context, _ client.Client, _ string, _ client.Object, _ client.Patch, _ ...client.SubResourcePatchOption) error {
				<-ctx.Done()
				return ctx.Err()
			},
		})
		for _, name := range []string{"a", "b", "c", "d"} {
			r.put(t, name, 1)
		}
		synctest.Wait()
		if took := r.stop(); took != grace {
			t.Errorf("stopping took %s, want the grace of %s", took, grace)
		}
	})
}

// TestConcurrentUse is for the race detector; at the end everybody has what was put last.
func TestConcurrentUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := []string{"a", "b", "c"}
		r := run(t, time.Minute, names...)
		var group sync.WaitGroup
		for _, name := range names {
			cached := r.server.read(t, types.NamespacedName{Namespace: "payments", Name: name})
			group.Go(func() {
				for number := range int64(50) {
					r.Put(cached, serving(number+1))
					r.Current(cached)
				}
			})
			group.Go(func() {
				for range 20 {
					_ = r.Flush(context.Background(), client.ObjectKeyFromObject(cached))
				}
			})
		}
		group.Wait()
		r.stop()
		for _, name := range names {
			wantStatus(t, serving(50), r.server.served(t, types.NamespacedName{Namespace: "payments", Name: name}))
		}
	})
}

// story is a random life of one object: puts, writes, failures, a watch that lags behind
// and successors of the same name.
type story struct {
	server *server
	writer *Writer
	// cache is the object as the watch showed it last, events what it has not shown yet.
	cache  *v1alpha1.SecretSync
	events []*v1alpha1.SecretSync
	want   v1alpha1.SecretSyncStatus
	births int
}

// put does what a reconcile does that finds the status to be next.
func (s *story) put(t *rapid.T, next v1alpha1.SecretSyncStatus) {
	current := s.writer.Current(s.cache)
	if changed := s.writer.Put(s.cache, next); changed == equality.Semantic.DeepEqual(current, next) {
		t.Fatalf("Put = %t", changed)
	}
	s.want = next
}

func (s *story) flush(tb testing.TB, t *rapid.T) {
	tb.Helper()
	before, patches := s.server.served(tb, keyDB), s.server.patches
	_ = s.writer.Flush(context.Background(), keyDB)
	if s.server.patches == patches {
		return
	}
	after := s.server.read(tb, keyDB)
	if equality.Semantic.DeepEqual(before, after.Status) {
		t.Fatal("a patch changed nothing")
	}
	s.events = append(s.events, after)
}

// deliver shows the next event, which wakes a reconcile unless it is an echo.
func (s *story) deliver(t *rapid.T) {
	if len(s.events) == 0 {
		return
	}
	s.cache, s.events = s.events[0], s.events[1:]
	if !s.writer.Echo(s.cache) {
		s.put(t, s.want)
	}
	if !equality.Semantic.DeepEqual(s.want, s.writer.Current(s.cache)) {
		t.Fatal("Current is not what was put last")
	}
}

func (s *story) recreate(tb testing.TB) {
	tb.Helper()
	s.births++
	replace(tb, s.server, s.server.read(tb, keyDB), syncOf("db", types.UID(fmt.Sprintf("uid-%d", s.births))))
	s.cache, s.events, s.want = s.server.read(tb, keyDB), nil, v1alpha1.SecretSyncStatus{}
}

// TestServerEndsWithWhatWasPutLast tells random stories: at the end the API server has the
// status that was put last, and no patch was sent that changed nothing.
func TestServerEndsWithWhatWasPutLast(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		server := newServer(t, syncOf("db", "uid-0"))
		s := &story{server: server, writer: NewWriter(server), cache: server.read(t, keyDB)}
		rt.Repeat(map[string]func(*rapid.T){
			"Put":     func(rt *rapid.T) { s.put(rt, serving(rapid.Int64Range(1, 3).Draw(rt, "number"))) },
			"Flush":   func(rt *rapid.T) { s.flush(t, rt) },
			"Deliver": s.deliver,
			"Fail": func(rt *rapid.T) {
				server.failing(rapid.SampledFrom([]error{nil, errBoom, apierrors.NewConflict(schema.GroupResource{}, "x", errBoom)}).Draw(rt, "with"))
			},
			"Recreate": func(*rapid.T) { s.recreate(t) },
		})
		server.failing(nil)
		for s.flush(t, rt); len(s.events) > 0; s.flush(t, rt) {
			s.deliver(rt)
		}
		if got := server.served(t, keyDB); !equality.Semantic.DeepEqual(s.want, got) {
			rt.Fatalf("(-want +got):\n%s", cmp.Diff(s.want, got))
		}
		if current := s.writer.Current(s.cache); !equality.Semantic.DeepEqual(s.want, current) || len(s.writer.entries) != 0 {
			rt.Fatalf("%d objects are remembered when all is told", len(s.writer.entries))
		}
	})
}

func TestEcho(t *testing.T) {
	s := newServer(t, syncOf("db", "uid-1"))
	w, first := NewWriter(s), s.read(t, keyDB)
	if w.Echo(first) {
		t.Error("nothing was written, and yet there is an echo")
	}
	w.Put(first, serving(1))
	if w.Echo(first) {
		t.Error("what shows before the write is no echo of it")
	}
	flush(t, w, keyDB)
	written := s.read(t, keyDB)
	if other := syncOf("db", "uid-2"); w.Echo(other) {
		t.Error("another object of the name is no echo")
	}
	if !w.Echo(written) || w.Echo(written) {
		t.Error("a write has not exactly one echo")
	}
	w.Put(written, serving(2)) // the watch is quicker than the answer
	quick := written.DeepCopy()
	quick.Status = serving(2)
	if !w.Echo(quick) {
		t.Error("an echo that comes before the answer is not known as one")
	}
}

// TestYield: statuses wait while Secrets do, but not for ever, and not at the end.
func TestYield(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy atomic.Bool
		busy.Store(true)
		r := run(t, time.Minute, "a", "b", "c")
		r.YieldTo(busy.Load)
		begin := time.Now()
		a := r.put(t, "a", 1)
		<-time.After(yieldFor - time.Millisecond)
		r.server.wantPatches(t, 0)
		<-time.After(time.Millisecond)
		synctest.Wait()
		wantStatus(t, serving(1), r.server.served(t, a))

		b := r.put(t, "b", 2)
		<-time.After(yieldStep / 2)
		busy.Store(false)
		<-time.After(yieldStep)
		synctest.Wait()
		wantStatus(t, serving(2), r.server.served(t, b))
		if took := time.Since(begin); took > yieldFor+2*yieldStep {
			t.Errorf("the second status waited after the Secrets: %s", took)
		}

		busy.Store(true)
		c := r.put(t, "c", 3)
		<-time.After(yieldStep / 2)
		if took := r.stop(); took > yieldStep {
			t.Errorf("stopping took %s, longer than a look at what waits", took)
		}
		wantStatus(t, serving(3), r.server.served(t, c))
	})
}

func TestPatchBackend(t *testing.T) {
	backendOf := func(uid types.UID) *v1alpha1.SecretBackend {
		return &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "vault", UID: uid}}
	}
	next := v1alpha1.BackendStatus{ObservedGeneration: 2}
	cases := map[string]struct {
		reason  string
		object  *v1alpha1.SecretBackend
		shown   v1alpha1.BackendStatus
		fail    error
		patches int
	}{
		"Changed":   {object: backendOf("uid-1"), patches: 1},
		"Unchanged": {object: backendOf("uid-1"), shown: next},
		"Recreated": {reason: "the new one has not been looked at", object: backendOf("uid-0")},
		"Gone":      {object: &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "gone"}}},
		"Failing":   {object: backendOf("uid-1"), fail: errBoom},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, backendOf("uid-1"))
			s.failing(tc.fail)
			if err := PatchBackend(t.Context(), s, tc.object, tc.shown, next); !errors.Is(err, tc.fail) || (err == nil) != (tc.fail == nil) {
				t.Errorf("%s: PatchBackend = %v, want %v", tc.reason, err, tc.fail)
			}
			s.wantPatches(t, tc.patches)
		})
	}
}
