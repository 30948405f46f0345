// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestFight: against a tool that undoes every repair the operator backs off and says so, and
// has the last word when the tool gives way.
func TestFight(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "the-right-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	fighting, giveUp := context.WithCancel(t.Context())
	var tool sync.WaitGroup
	tool.Go(func() { undo(fighting, n, "db") })
	since := time.Now()
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "Fight")
	if c := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionReady); !strings.Contains(c.Message, "stubborn-tool") {
		t.Errorf("it tells %q", c.Message)
	}
	harness.Await(t, "twenty seconds of fighting", func() string {
		if time.Since(since) < 20*time.Second {
			return "not yet"
		}
		return ""
	})
	giveUp()
	tool.Wait()
	updates := 0
	for _, r := range n.Requests(t, since) {
		if r.Verb == "update" && r.Resource == "secrets" {
			updates++
		}
	}
	if updates > 15 {
		t.Errorf("%d repairs in twenty seconds are no backing off", updates)
	}
	n.AwaitSecret(t, "db", texts{"password": "the-right-password"})
	n.AwaitReady(t, "db", 1)
}

// undo edits a Secret each time it is not as the tool wants it.
func undo(ctx context.Context, n *harness.Tenant, name string) {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for ctx.Err() == nil {
		<-look.C
		var s corev1.Secret
		if n.Client.Get(ctx, n.Key(name), &s) != nil || string(s.Data["password"]) == "the-tool's-password" {
			continue
		}
		s.Data["password"] = []byte("the-tool's-password")
		_ = n.Client.Update(ctx, &s, client.FieldOwner("stubborn-tool")) // Again, if somebody was quicker.
	}
}

// TestRapidEdits: a hundred edits as fast as they go end in the right state.
func TestRapidEdits(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "the-right-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	for range 100 {
		n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	}
	n.AwaitSecret(t, "db", texts{"password": "the-right-password"})
	n.AwaitReady(t, "db", 1)
	if got := n.Numbers(t, "db"); len(got) != 1 {
		t.Errorf("repairs recorded revisions: %v", got)
	}
	if got := incidents(t, n, "db"); got < 1 || got > 100 {
		t.Errorf("a hundred edits are %d incidents", got)
	}
}
