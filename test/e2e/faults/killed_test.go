// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
)

// crasher kills the operator after each of its writes, or those it is told to, before it
// hears of the answer, and starts it again.
type crasher struct {
	tenant   *harness.Tenant
	spares   func() bool // whether a write is survived; none is where it is nil
	mu       sync.Mutex
	merciful bool
	deaths   atomic.Int64
	writes   []string
	over     chan struct{}
	done     chan struct{}
}

func newCrasher(t *testing.T, n *harness.Tenant) *crasher {
	t.Helper()
	c := &crasher{tenant: n, over: make(chan struct{}), done: make(chan struct{})}
	guard(t, n, c.mode)
	go c.revive(t)
	t.Cleanup(func() { c.live(t) })
	return c
}

func (c *crasher) mode(w http.ResponseWriter, r *http.Request, server faultproxy.Server) {
	if !writes(r) {
		server.Forward(w, r)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.merciful || c.spares != nil && c.spares() {
		server.Forward(w, r)
		return
	}
	if r.Context().Err() != nil || !c.tenant.Operator.Running() {
		panic(http.ErrAbortHandler) // It died of another write; this one never arrived.
	}
	answer := server.Answer(r)
	if answer.Code >= http.StatusMultipleChoices {
		server.Send(w, answer)
		return // What is refused writes nothing, so nothing lies behind it.
	}
	c.tenant.Operator.Kill()
	c.deaths.Add(1)
	c.writes = append(c.writes, fmt.Sprintf("%s %s: %d", r.Method, r.URL.Path, answer.Code))
	panic(http.ErrAbortHandler)
}

// revive starts the operator whenever it has died.
func (c *crasher) revive(t *testing.T) {
	defer close(c.done)
	for {
		select {
		case <-c.over:
			return
		case <-c.tenant.Operator.Exited():
		}
		// It may die again while it starts, which is no failure here.
		_ = c.tenant.Operator.Start(t.Context())
	}
}

// stop lets the operator live.
func (c *crasher) stop() {
	select {
	case <-c.over:
		return
	default:
	}
	c.mu.Lock()
	c.merciful = true
	c.mu.Unlock()
	close(c.over)
	<-c.done
}

// live ends the killing and waits until the operator runs for good.
func (c *crasher) live(t *testing.T) {
	t.Helper()
	c.stop()
	if c.tenant.Operator.Running() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	if err := c.tenant.Operator.Start(ctx); err != nil {
		t.Error(err)
	}
}

// alive is live, and tells what was survived.
func (c *crasher) alive(t *testing.T) {
	t.Helper()
	c.live(t)
	t.Logf("the operator was killed %d times, after:\n%s", c.deaths.Load(), list(c.writes))
}

func list(lines []string) (text string) {
	for _, line := range lines {
		text += line + "\n"
	}
	return text
}

// follower notes every state of a Secret that anybody could see.
type follower struct {
	mu     sync.Mutex
	states []texts
}

// follow watches a Secret until the test ends. A deletion is a nil state.
func follow(t *testing.T, n *harness.Tenant, name string) *follower {
	t.Helper()
	f := &follower{}
	watcher, err := n.Client.Watch(t.Context(), &corev1.SecretList{}, inNamespace(n), named(name))
	harness.Must(t, err)
	t.Cleanup(watcher.Stop)
	go func() {
		for event := range watcher.ResultChan() {
			secret, ok := event.Object.(*corev1.Secret)
			if !ok {
				continue
			}
			state := harness.Texts(secret)
			if event.Type == "DELETED" {
				state = nil
			}
			f.mu.Lock()
			if len(f.states) == 0 || !maps.Equal(f.states[len(f.states)-1], state) {
				f.states = append(f.states, state)
			}
			f.mu.Unlock()
		}
	}()
	return f
}

func (f *follower) seen() []texts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.states)
}

// TestKilledAfterEveryWrite lets no life of the operator make more than one write, over
// first serve, changes, pruning and repairs. It ends as if nothing had happened: the same
// bytes, each state recorded once, no number used twice, and nobody ever saw anything but
// the intended states in their order.
func TestKilledAfterEveryWrite(t *testing.T) {
	n := suite.Tenant(t)
	states := follow(t, n, "db")
	c := newCrasher(t, n)
	value := func(i int) texts { return texts{"password": fmt.Sprintf("password-number-%d", i)} }
	put := func(i int) {
		n.Write(t, "db", fields{"password": value(i)["password"]})
		if i > 1 {
			n.Annotate(t, "db", v1alpha1.AnnotationRefresh, fmt.Sprintf("number %d", i))
		}
	}
	put(1)
	n.Sync(t, "db", onRequest, func(s *v1alpha1.SecretSync) { s.Spec.History.Limit = new(int32(1)) })
	n.AwaitSecret(t, "db", value(1))
	n.AwaitReady(t, "db", 1)
	for i := 2; i <= 3; i++ {
		put(i)
		n.AwaitSecret(t, "db", value(i))
		n.AwaitReady(t, "db", int64(i))
	}
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	n.AwaitSecret(t, "db", value(3))
	n.Delete(t, &corev1.Secret{}, "db")
	n.AwaitSecret(t, "db", value(3))
	c.alive(t)

	n.AwaitReady(t, "db", 3)
	n.AwaitSecret(t, "db", value(3))
	harness.Await(t, "revision 1 to be pruned", func() string {
		if got := n.Numbers(t, "db"); !slices.Equal(got, []int64{2, 3}) {
			return fmt.Sprintf("there are %v", got)
		}
		return ""
	})
	for number, kept := range n.Revisions(t, "db") {
		if diff := cmp.Diff(value(int(number)), harness.Texts(kept)); diff != "" {
			t.Errorf("revision %d holds something else (-want +got):\n%s", number, diff)
		}
	}
	want := []texts{value(1), value(2), value(3), {"password": "edited by hand"}, value(3), nil, value(3)}
	if diff := cmp.Diff(want, states.seen()); diff != "" {
		t.Errorf("the Secret was seen in other states (-want +got):\n%s", diff)
	}
	if c.deaths.Load() < 10 {
		t.Errorf("the operator was killed %d times only", c.deaths.Load())
	}
}

// TestKilledWhileTakingOver and while changing a type, which take several writes each.
func TestKilledWhileTakingOver(t *testing.T) {
	n := suite.Tenant(t)
	c := newCrasher(t, n)
	n.Write(t, "db", fields{"username": "the-user", "password": "from-the-vault"})
	n.Create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "db", Annotations: map[string]string{v1alpha1.AnnotationAdoptBy: "db"}},
		StringData: texts{"password": "made by hand"},
	})
	n.Sync(t, "db", onRequest)
	own := texts{"username": "the-user", "password": "from-the-vault"}
	n.AwaitSecret(t, "db", own)
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Serving")
	wantRecordedOnce(t, n, texts{"password": "made by hand"})

	n.Edit(t, "db", func(s *v1alpha1.SecretSync) {
		s.Spec.Target.Type, s.Spec.Target.Recreate = string(corev1.SecretTypeBasicAuth), v1alpha1.RecreateAllowed
	})
	harness.Await(t, "the Secret of the new type", func() string {
		var s corev1.Secret
		err := n.Client.Get(t.Context(), n.Key("db"), &s)
		if apierrors.IsNotFound(err) || err == nil && s.Type != corev1.SecretTypeBasicAuth {
			return "it is not there"
		}
		harness.Must(t, err)
		return ""
	})
	c.alive(t)
	n.AwaitSecret(t, "db", own)
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Serving")
	if s.Status.ServingRevision != s.Status.NewestRevision {
		t.Errorf("want the newest served, got %d of %d", s.Status.ServingRevision, s.Status.NewestRevision)
	}
}

// TestKilledAndBackWithoutVault: what a life recorded and did not serve is served by the
// next, though nobody can be asked any more.
func TestKilledAndBackWithoutVault(t *testing.T) {
	n := suite.World(t).Tenant(t, harness.TenantOptions{Proxied: true})
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db", onRequest)
	n.AwaitReady(t, "db", 1)
	var killed atomic.Bool
	guard(t, n, func(w http.ResponseWriter, r *http.Request, server faultproxy.Server) {
		if !writes(r) || !killed.CompareAndSwap(false, true) {
			server.Forward(w, r)
			return
		}
		_ = server.Answer(r)
		n.Operator.Kill()
		panic(http.ErrAbortHandler)
	})
	n.Write(t, "db", fields{"password": "second-password"})
	n.Annotate(t, "db", v1alpha1.AnnotationRefresh, "second")
	<-n.Operator.Exited()
	if got := n.Numbers(t, "db"); !slices.Equal(got, []int64{1, 2}) {
		t.Fatalf("want it killed between revision 2 and the target, got revisions %v", got)
	}
	harness.Must(t, n.Proxy.Down())
	n.Delete(t, &corev1.Secret{}, "db")
	harness.Must(t, n.Operator.Start(harness.Patiently(t)))
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
	harness.Must(t, n.Proxy.Up())
}

// TestStoppedGracefully writes what is left to write, gives its tokens back and changes no
// Secret.
func TestStoppedGracefully(t *testing.T) {
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	before := n.Secret(t, "db")
	begin := time.Now()
	withoutOperator(t)
	t.Logf("stopping took %s", time.Since(begin).Round(time.Millisecond))
	n.Unchanged(t, before)
	if left := n.Tokens(t); left != 0 {
		t.Errorf("%d tokens of the tenant are still valid", left)
	}
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	n.Write(t, "db", fields{"password": "second-password"})
}

// wantRecordedOnce checks that what the SecretSync db took over is kept in one revision.
func wantRecordedOnce(t *testing.T, n *harness.Tenant, taken texts) {
	t.Helper()
	adopted := 0
	for _, kept := range n.Revisions(t, "db") {
		if maps.Equal(harness.Texts(kept), taken) {
			adopted++
		}
	}
	if adopted != 1 {
		t.Errorf("want what was taken over recorded once, got %d times", adopted)
	}
}
