// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restarts

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestOneRestartPerChangeOfContent: the first content restarts nothing, each change each
// consumer once, and neither a repair, nor an edit of the specification, nor the same content
// under another number.
func TestOneRestartPerChangeOfContent(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	since := time.Now()
	s.Create(t, deployment("api"))
	s.awaitRunning(t, "api", "password-1")
	if s.Get(t, "db").Status.Restart != nil {
		t.Error("the first content has restarts")
	}

	s.change(t, "password-2")
	s.awaitRunning(t, "api", "password-2")
	done := s.awaitRestart(t, 2, v1alpha1.RestartDone)
	if done.Done != 1 || done.Total != 1 || len(done.Failed) != 0 {
		t.Errorf("%+v", done)
	}
	s.AwaitEvent(t, "db", "RestartsDone")
	if mark := s.mark(t, "api"); !strings.HasPrefix(mark, "2-") || strings.Contains(mark, "password") {
		t.Errorf("the template is marked %q", mark)
	}

	s.EditSecret(t, "db", func(secret *corev1.Secret) { secret.Data["password"] = []byte("by hand") })
	s.AwaitSecret(t, "db", map[string]string{"password": "password-2"})
	s.AwaitEvent(t, "db", "DriftRepaired")
	s.Edit(t, "db", func(sync *v1alpha1.SecretSync) {
		sync.Spec.Target.Metadata.Labels = map[string]v1alpha1.LabelValue{"team": "shop"}
	})
	s.AwaitReady(t, "db", 2)

	s.change(t, "password-3")
	s.awaitRestart(t, 3, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-3")
	s.change(t, "password-2") // What 2 held, as 4.
	s.awaitRestart(t, 4, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-2")
	s.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "2")
	s.AwaitReady(t, "db", 2)
	if got := s.patches(t, "deployments", since); got != 3 {
		t.Errorf("the Deployment was patched %d times, want 3: once for each change of content", got)
	}
	if got := s.kubelet.Started(map[string]string{"app": "api"}); got != 4 {
		t.Errorf("%d Pods were started, want 4", got)
	}
}

// TestTakenBack: what Pods do not come up with is taken back once, held until there is a newer
// one, and not undone by whoever applies the SecretSync again.
func TestTakenBack(t *testing.T) {
	t.Parallel()
	s := newShop(t, takesBack)
	s.Create(t, deployment("api"))
	s.awaitRunning(t, "api", "password-1")

	s.spoil(t, "2")
	s.AwaitSecret(t, "db", map[string]string{"password": "password-1"})
	s.awaitRestart(t, 1, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-1")
	s.AwaitEvent(t, "db", "TakenBack")
	if got := s.Secret(t, "db").Annotations[v1alpha1.AnnotationHeldFor]; got != "auto:2" {
		t.Errorf("the target is held for %q", got)
	}
	sync := s.Get(t, "db")
	if hold := sync.Status.Rollback; hold == nil || hold.Revision != 1 || hold.By != "secretsync" || !strings.Contains(hold.Why, "Deployment/api: ") {
		t.Errorf("the hold is %+v", hold)
	}
	if c := meta.FindStatusCondition(sync.Status.Conditions, v1alpha1.ConditionRolledBack); c == nil || !strings.Contains(c.Message, "Deployment/api: ") {
		t.Errorf("it is not told what did not come up: %+v", c)
	}
	s.AwaitEvent(t, "db", "RestartsFailed")

	s.change(t, "password-3")
	s.awaitRunning(t, "api", "password-3")
	s.awaitRestart(t, 3, v1alpha1.RestartDone)
	if hold := s.AwaitReady(t, "db", 3).Status.Rollback; hold != nil {
		t.Errorf("a newer revision is there, and %+v still held", hold)
	}
}

// TestQuietAndNoOracle: once restarts are over, nobody asks for a workload any more; and from
// what a Pod template tells nobody learns that two Secrets hold the same.
func TestQuietAndNoOracle(t *testing.T) {
	t.Parallel()
	s, other := newShop(t), newShop(t)
	s.create(t, "api")
	s.change(t, "password-2")
	s.awaitRestart(t, 2, v1alpha1.RestartDone)
	s.AwaitEvent(t, "db", "RestartsDone")
	since := time.Now()

	other.create(t, "api")
	other.change(t, "password-2")
	other.awaitRestart(t, 2, v1alpha1.RestartDone)
	for _, request := range s.Requests(t, since) {
		if request.Resource != "secretsyncs/status" && request.Resource != "events" {
			t.Errorf("%s of %s %q, though nothing is to be done", request.Verb, request.Resource, request.Name)
		}
	}
	if one, two := s.mark(t, "api"), other.mark(t, "api"); one == two || !strings.HasPrefix(one, "2-") || !strings.HasPrefix(two, "2-") {
		t.Errorf("the same content is marked %q and %q", one, two)
	}
}

// TestMended: what did not come up in time is told until a person has it looked at once more, and
// is not restarted again then.
func TestMended(t *testing.T) {
	t.Parallel()
	s := newShop(t, soon)
	s.create(t, "api")
	s.change(t, bad+"2")
	s.AwaitCondition(t, "db", v1alpha1.ConditionRestartDegraded, "True", "RestartFailed")
	var d appsv1.Deployment
	s.Change(t, s.Key("api"), &d, func() { d.Spec.Replicas = new(int32(0)) })
	harness.Await(t, "the Deployment to be seen", func() string {
		harness.Must(t, s.Client.Get(t.Context(), s.Key("api"), &d))
		if d.Status.ObservedGeneration != d.Generation || d.Status.Replicas > 0 {
			return "it is not"
		}
		return ""
	})
	mark := s.mark(t, "api")
	s.Annotate(t, "db", v1alpha1.AnnotationRefresh, "mended")
	s.awaitRestart(t, 2, v1alpha1.RestartDone)
	harness.Await(t, "the condition to be gone", func() string {
		if meta.FindStatusCondition(s.Get(t, "db").Status.Conditions, v1alpha1.ConditionRestartDegraded) != nil {
			return "it is there"
		}
		return ""
	})
	if got := s.mark(t, "api"); got != mark || s.generation(t, "api") != 3 {
		t.Errorf("it was restarted again: %q, then %q", mark, got)
	}
}

// TestOldFailure: who asks to have failures taken back after a workload recovered keeps what is
// served, and nothing is restarted to find out.
func TestOldFailure(t *testing.T) {
	t.Parallel()
	s := newShop(t, soon)
	s.create(t, "api")
	s.change(t, bad+"2")
	s.AwaitCondition(t, "db", v1alpha1.ConditionRestartDegraded, "True", "RestartFailed")
	var d appsv1.Deployment
	s.Change(t, s.Key("api"), &d, func() { d.Spec.Replicas = new(int32(0)) })
	s.awaitWell(t)
	s.Edit(t, "db", takesBack)
	s.awaitRestart(t, 2, v1alpha1.RestartDone)
	s.AwaitSecret(t, "db", map[string]string{"password": bad + "2"})
	if hold := s.Get(t, "db").Status.Rollback; hold != nil || s.generation(t, "api") != 3 {
		t.Errorf("held is %+v, and the Deployment has generation %d", hold, s.generation(t, "api"))
	}
}

// TestReturnedWithItsSource: a Secret that was deleted with its entry comes back with another value,
// which reaches the Pods that kept the one of before.
func TestReturnedWithItsSource(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(sync *v1alpha1.SecretSync) {
		sync.Spec.Target.OnSourceGone, sync.Spec.Refresh.Interval = v1alpha1.Delete, &metav1.Duration{Duration: harness.Interval}
	})
	s.create(t, "api")
	harness.Must(t, s.Vault.Root().KVv2(s.Namespace).DeleteMetadata(t.Context(), "db"))
	s.AwaitCondition(t, "db", v1alpha1.ConditionReady, "False", "SourceGone")
	s.Write(t, "db", map[string]any{"password": "password-2"})
	s.awaitRestart(t, 2, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-2")
}
