// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restarts

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/published"
)

// rollouts is where the definition of Rollouts is published. Their controller does not run here:
// a test says what it would.
var rollouts = published.Module{ //nolint:gochecknoglobals // a constant, which Go cannot declare
	Path: "github.com/argoproj/argo-rollouts", Version: "v1.10.0", Sum: "h1:1/DTeu/eGzJzcz8FxMBFzr0jlNQia/lnctkw83AUph0=",
}

func rollout(name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": map[string]any{"name": name}, "spec": spec,
	}}
}

// canary returns a Rollout with a Pod template of its own, and a pause that ends by itself.
func canary(t *testing.T, name string) *unstructured.Unstructured {
	t.Helper()
	pod := template(name, nil)
	own, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&pod)
	harness.Must(t, err)
	return rollout(name, map[string]any{
		"replicas": int64(1), "template": own, "selector": map[string]any{"matchLabels": map[string]any{"app": name}},
		"strategy": map[string]any{"canary": map[string]any{"steps": []any{map[string]any{"pause": map[string]any{"duration": "1m"}}}}},
	})
}

// borrower returns a Rollout that takes its Pod template from a Deployment.
func borrower(name, holder string) *unstructured.Unstructured {
	return rollout(name, map[string]any{
		"replicas":    int64(1),
		"workloadRef": map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "name": holder, "scaleDown": "onsuccess"},
		"strategy":    map[string]any{"canary": map[string]any{}},
	})
}

// say writes a status as the controller of Rollouts does, of what there is now. The API server
// refuses what its definition does not have.
func (s *shop) say(t *testing.T, name, holder string, status map[string]any) {
	t.Helper()
	u := rollout(name, nil)
	s.Change(t, s.Key(name), u, func() {})
	status["observedGeneration"] = strconv.FormatInt(u.GetGeneration(), 10)
	if holder != "" {
		status["workloadObservedGeneration"] = strconv.FormatInt(s.generation(t, holder), 10)
	}
	u.Object["status"] = status
	harness.Must(t, client.WithFieldValidation(s.Client, metav1.FieldValidationStrict).Status().Update(t.Context(), u))
}

// awaitRolloutMarked waits until the Pod template of a Rollout is marked for a revision.
func (s *shop) awaitRolloutMarked(t *testing.T, name, revision string) {
	t.Helper()
	harness.Await(t, "Rollout "+name+" to be restarted", func() string {
		u := rollout(name, nil)
		harness.Must(t, s.Client.Get(t.Context(), s.Key(name), u))
		mark, _, _ := unstructured.NestedString(u.Object, "spec", "template", "metadata", "annotations", restart.Key("db"))
		if !strings.HasPrefix(mark, revision+"-") {
			return "it is marked " + mark
		}
		return ""
	})
}

// TestRollouts: those of Argo are restarted and awaited, with a Pod template of their own or a
// borrowed one, by what their own definition lets them say.
func TestRollouts(t *testing.T) {
	t.Parallel()
	s := newShop(t, takesBack)
	folder, err := rollouts.Download(t.Context(), t.TempDir())
	harness.Must(t, err)
	definition, err := published.Definition(filepath.Join(folder, "manifests", "crds", "rollout-crd.yaml"))
	harness.Must(t, err)
	s.Define(t, definition)
	harness.Await(t, "Rollouts to be known", func() string {
		if _, err := s.Client.RESTMapper().RESTMapping(rollout("any", nil).GroupVersionKind().GroupKind()); err != nil {
			return err.Error()
		}
		return ""
	})
	healthy := func() map[string]any { return map[string]any{"phase": "Healthy"} }
	s.Create(t, canary(t, "own"), deployment("lent", func(d *appsv1.Deployment) { d.Spec.Replicas = new(int32(0)) }), borrower("borrower", "lent"))
	s.say(t, "own", "", healthy())
	s.say(t, "borrower", "lent", healthy())

	s.change(t, "password-2")
	s.awaitRolloutMarked(t, "own", "2")
	s.awaitMarked(t, 2, 1)
	s.say(t, "borrower", "lent", healthy())
	s.say(t, "own", "", map[string]any{
		"phase": "Paused", "controllerPause": true, "currentStepIndex": int64(0),
		"pauseConditions": []any{map[string]any{"reason": "CanaryPauseStep", "startTime": time.Now().UTC().Format(time.RFC3339)}},
	})
	s.AwaitStatus(t, "db", "the borrower to be done, and the other to pause", func(sync *v1alpha1.SecretSync) string {
		if r := sync.Status.Restart; r == nil || r.State != v1alpha1.RestartRunning || r.Done != 1 || r.Total != 2 {
			return "it is not"
		}
		return ""
	})
	s.say(t, "own", "", healthy())
	s.awaitRestart(t, 2, v1alpha1.RestartDone)

	s.change(t, "password-3")
	s.awaitRolloutMarked(t, "own", "3")
	s.say(t, "own", "", map[string]any{"phase": "Degraded", "abort": true, "message": "RolloutAborted: metric failed"})
	s.AwaitCondition(t, "db", v1alpha1.ConditionRolledBack, "True", "RestartFailed")
	s.AwaitSecret(t, "db", map[string]string{"password": "password-2"})
	s.awaitRolloutMarked(t, "own", "2")
	s.awaitMarked(t, 2, 1)
	s.say(t, "own", "", healthy())
	s.say(t, "borrower", "lent", healthy())
	s.awaitRestart(t, 2, v1alpha1.RestartDone)
	if why := s.Get(t, "db").Status.Rollback.Why; !strings.HasPrefix(why, "Rollout/own: ") {
		t.Errorf("it went back because of %q", why)
	}
}
