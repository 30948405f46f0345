// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/test/e2e/harness"
	process "github.com/secretsync/secretsync/test/operator"
)

// load changes the entries of a tenant, one after the other and without end, and watches
// what becomes of them.
type load struct {
	tenant    *harness.Tenant
	names     []string
	followers map[string]*follower
	rounds    atomic.Int64
	over      chan struct{}
	done      chan error
}

// newLoad serves the first round and begins with the next.
func newLoad(t *testing.T, n *harness.Tenant, objects int) *load {
	t.Helper()
	l := &load{tenant: n, followers: map[string]*follower{}, over: make(chan struct{}), done: make(chan error, 1)}
	for i := range objects {
		name := fmt.Sprintf("db-%02d", i)
		l.names = append(l.names, name)
		n.Write(t, name, round(0))
		l.followers[name] = follow(t, n, name)
		n.Sync(t, name)
	}
	for _, name := range l.names {
		n.AwaitReady(t, name, 1)
	}
	go func() { l.done <- l.run(context.WithoutCancel(t.Context())) }()
	return l
}

// round is what all entries hold in a round. It sorts as it counts.
func round(i int64) fields { return fields{"password": fmt.Sprintf("password-of-round-%06d", i)} }

func (l *load) run(ctx context.Context) error {
	engine := l.tenant.Vault.Root().KVv2(l.tenant.Namespace)
	for i := int64(1); ; i++ {
		for _, name := range l.names {
			if _, err := engine.Put(ctx, name, round(i)); err != nil {
				return fmt.Errorf("writing %q: %w", name, err)
			}
		}
		l.rounds.Store(i)
		select {
		case <-l.over:
			return nil
		default:
		}
	}
}

// awaitProgress waits until every object serves something that was not written yet.
func (l *load) awaitProgress(t *testing.T) {
	t.Helper()
	now := round(l.rounds.Load())["password"].(string)
	for _, name := range l.names {
		harness.Await(t, "a change of "+name, func() string {
			if got := string(l.tenant.Secret(t, name).Data["password"]); got <= now {
				return fmt.Sprintf("it holds %q still", got)
			}
			return ""
		})
	}
}

// stop ends the changes and waits until the last one is served.
func (l *load) stop(t *testing.T) {
	t.Helper()
	close(l.over)
	harness.Must(t, <-l.done)
	for _, name := range l.names {
		l.tenant.AwaitSecret(t, name, texts{"password": round(l.rounds.Load())["password"].(string)})
	}
}

// onlyForward fails the test if a Secret ever went back, or if revisions are not in the
// order of what they hold.
func (l *load) onlyForward(t *testing.T) {
	t.Helper()
	for _, name := range l.names {
		var seen []string
		for _, state := range l.followers[name].seen() {
			seen = append(seen, state["password"])
		}
		if !slices.IsSorted(seen) {
			t.Errorf("Secret %s went back:\n%s", name, strings.Join(seen, "\n"))
		}
		var recorded []string
		kept := l.tenant.Revisions(t, name)
		for _, number := range l.tenant.Numbers(t, name) {
			recorded = append(recorded, harness.Texts(kept[number])["password"])
		}
		if !slices.IsSorted(recorded) || len(slices.Compact(slices.Clone(recorded))) != len(recorded) {
			t.Errorf("the revisions of %s are out of order:\n%s", name, strings.Join(recorded, "\n"))
		}
	}
}

// replica prepares an operator that competes for the lease.
func replica(t *testing.T, w *harness.World, name string) *process.Operator {
	t.Helper()
	return w.NewOperator(t, name, "--leader-elect=true", "--lease-duration=3s", "--renew-deadline=2s", "--retry-period=500ms")
}

// holder returns who holds the lease.
func holder(t *testing.T, w *harness.World) string {
	t.Helper()
	var leases coordinationv1.LeaseList
	harness.Must(t, w.Client.List(t.Context(), &leases, client.InNamespace(harness.Home)))
	for _, lease := range leases.Items {
		if lease.Name == "secretsync" && lease.Spec.HolderIdentity != nil {
			return *lease.Spec.HolderIdentity
		}
	}
	return ""
}

// TestLeadersChangeUnderLoad pauses the leader until another one has taken over, wakes it
// up, and kills the other one. What is served goes forward all the time, and no number
// stands for two states.
func TestLeadersChangeUnderLoad(t *testing.T) {
	n := suite.Tenant(t)
	withoutOperator(t)
	first, second := replica(t, n.World, "first"), replica(t, n.World, "second")
	harness.Must(t, first.Start(harness.Patiently(t)))
	l := newLoad(t, n, 20)
	harness.Must(t, second.Start(harness.Patiently(t)))
	l.awaitProgress(t)

	paused := holder(t, n.World)
	harness.Must(t, first.Pause())
	harness.Await(t, "the other replica to lead", func() string {
		if now := holder(t, n.World); now == "" || now == paused {
			return fmt.Sprintf("%q does", now)
		}
		return ""
	})
	l.awaitProgress(t)
	harness.Must(t, first.Resume())
	select {
	case <-first.Exited():
	case <-harness.Patiently(t).Done():
		t.Fatal("the old leader does not notice that it lost its lease")
	}
	l.awaitProgress(t)

	second.Kill()
	harness.Must(t, first.Start(harness.Patiently(t)))
	l.awaitProgress(t)
	l.stop(t)
	l.onlyForward(t)
	t.Logf("%d rounds of changes of %d entries", l.rounds.Load(), len(l.names))
	first.Kill()
}
