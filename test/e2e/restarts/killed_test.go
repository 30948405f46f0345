// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restarts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/test/e2e/harness"
	process "github.com/secretsync/secretsync/test/operator"
)

// The tests here kill operators, and so run side by side with no other: Go runs those that do
// after all of them.

// every is the pause between two restarts there.
const every = 2 * time.Second

func slowly(s *v1alpha1.SecretSync) { s.Spec.Restart.MaxPerMinute = new(int32(30)) }

// marked returns when which Deployments were marked for a revision, as the API server tells.
func (s *shop) marked(t *testing.T, revision int64) map[string]time.Time {
	t.Helper()
	var list appsv1.DeploymentList
	harness.Must(t, s.Client.List(t.Context(), &list, client.InNamespace(s.Namespace)))
	marks := map[string]time.Time{}
	for _, d := range list.Items {
		if !strings.HasPrefix(d.Spec.Template.Annotations[restart.Key("db")], fmt.Sprintf("%d-", revision)) {
			continue
		}
		for _, entry := range d.ManagedFields {
			if entry.Manager == restart.FieldManager {
				marks[d.Name] = entry.Time.Time
			}
		}
	}
	return marks
}

// awaitMarked waits until so many Deployments were marked for a revision.
func (s *shop) awaitMarked(t *testing.T, revision int64, count int) {
	t.Helper()
	harness.Await(t, fmt.Sprintf("%d restarts", count), func() string {
		if marks := s.marked(t, revision); len(marks) < count {
			return fmt.Sprintf("there are %v", marks)
		}
		return ""
	})
}

// revive starts an operator that died.
func revive(t *testing.T, o *process.Operator) {
	t.Helper()
	<-o.Exited()
	harness.Must(t, o.Start(harness.Patiently(t)))
}

// replica starts an operator that competes for the lease.
func (s *shop) replica(t *testing.T, name string) *process.Operator {
	t.Helper()
	o := s.NewOperator(t, name, "--leader-elect=true", "--lease-duration=3s", "--renew-deadline=2s", "--retry-period=500ms")
	harness.Must(t, o.Start(harness.Patiently(t)))
	return o
}

// TestOperatorsComeAndGo while workloads are restarted: one is killed and comes back, and one
// loses its lead to another. Nothing is restarted twice, and nothing faster than it may be.
func TestOperatorsComeAndGo(t *testing.T) {
	s := newShop(t, slowly)
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	s.create(t, names...)
	s.change(t, "password-2")

	s.awaitMarked(t, 2, 2)
	s.Operator.Kill()
	revive(t, s.Operator)
	s.awaitMarked(t, 2, 4)
	harness.Must(t, s.Operator.Stop(harness.Patiently(t)))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		harness.Must(t, s.Operator.Start(ctx))
	})
	first := s.replica(t, "first")
	s.awaitMarked(t, 2, 5)
	s.replica(t, "second")
	first.Kill()
	s.awaitRestart(t, 2, v1alpha1.RestartDone)

	marks := s.marked(t, 2)
	var times []time.Time
	for _, name := range names {
		s.awaitRunning(t, name, "password-2")
		times = append(times, marks[name])
		if got := s.generation(t, name); got != 2 {
			t.Errorf("Deployment %s was changed %d times, want once", name, got-1)
		}
		if got := s.kubelet.Started(map[string]string{"app": name}); got != 2 {
			t.Errorf("%d Pods of %s were started, want 2", got, name)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	for i := 1; i < len(times); i++ {
		if gap := times[i].Sub(times[i-1]); gap < every {
			t.Errorf("there are %s between two restarts, want %s", gap, every)
		}
	}
}

// TestKilledWhileTakingBack: what Pods do not come up with is taken back once, whoever lives to
// see it.
func TestKilledWhileTakingBack(t *testing.T) {
	s := newShop(t, takesBack)
	s.create(t, "api")
	s.Edit(t, "db", soon)
	s.change(t, bad+"2")
	s.awaitMarked(t, 2, 1)
	s.Operator.Kill()
	revive(t, s.Operator)
	s.AwaitSecret(t, "db", map[string]string{"password": "password-1"})
	s.Operator.Kill()
	s.Edit(t, "db", patiently)
	revive(t, s.Operator)

	s.AwaitCondition(t, "db", v1alpha1.ConditionRolledBack, "True", "RestartFailed")
	s.awaitRestart(t, 1, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-1")
	if got := s.generation(t, "api"); got != 3 {
		t.Errorf("the Deployment was changed %d times, want twice: there and back", got-1)
	}
}
