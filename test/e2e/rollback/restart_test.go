// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rollback

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/test/e2e/harness"
)

// restartedAt is what "kubectl rollout restart" sets on a Pod template.
const restartedAt = "kubectl.kubernetes.io/restartedAt"

// TestRolloutRestartGetsTheHeldValue: whoever restarts what reads the Secret after a rollback,
// at once or after the backend went on, gets what is held. It stands for "kubectl rollout
// restart" on a cluster with nodes. Here the Deployment's new ReplicaSet and Pod are made by
// the real controllers, and no kubelet starts a container; what one would put into it is what
// the Secret holds that the new Pod refers to.
func TestRolloutRestartGetsTheHeldValue(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	n.Create(t, reader("api", "db"))
	first := awaitPod(t, n, "")
	rollback(t, n, "1")
	held := awaitHeld(t, n, "1", 1)

	second := awaitPod(t, n, rolloutRestart(t, n, "api"))
	wouldRead(t, n, second, password(1))
	for number := 4; number <= 6; number++ {
		change(t, n, number)
	}
	refresh(t, n)
	third := awaitPod(t, n, rolloutRestart(t, n, "api"))
	wouldRead(t, n, third, password(1))
	n.Unchanged(t, held)
	if a, b, c := setOf(t, first), setOf(t, second), setOf(t, third); a == b || b == c || a == c {
		t.Errorf("the Pods are of the ReplicaSets %s, %s and %s: nothing was restarted", a, b, c)
	}

	rollback(t, n, "")
	awaitFollowing(t, n, 6)
	wouldRead(t, n, awaitPod(t, n, rolloutRestart(t, n, "api")), password(6))
}

// rolloutRestart does to a Deployment what "kubectl rollout restart" does, and returns the text
// that marks its new Pods.
func rolloutRestart(t *testing.T, n *harness.Tenant, name string) string {
	t.Helper()
	at := time.Now().Format(time.RFC3339Nano) // kubectl's whole seconds may not differ in a test
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"template": map[string]any{
		"metadata": map[string]any{"annotations": map[string]string{restartedAt: at}},
	}}})
	harness.Must(t, err)
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: n.Namespace, Name: name}}
	harness.Must(t, n.Client.Patch(t.Context(), deployment, client.RawPatch(types.StrategicMergePatchType, patch), client.FieldOwner("kubectl-rollout")))
	return at
}

// awaitPod waits for a Pod that was made from a template with that mark, and returns it.
func awaitPod(t *testing.T, n *harness.Tenant, mark string) *corev1.Pod {
	t.Helper()
	var found *corev1.Pod
	harness.Await(t, fmt.Sprintf("a Pod marked %q", mark), func() string {
		var pods corev1.PodList
		if err := n.Client.List(t.Context(), &pods, client.InNamespace(n.Namespace)); err != nil {
			return err.Error()
		}
		for i := range pods.Items {
			if pod := &pods.Items[i]; pod.Annotations[restartedAt] == mark && pod.DeletionTimestamp.IsZero() {
				found = pod
				return ""
			}
		}
		return fmt.Sprintf("none of %d is", len(pods.Items))
	})
	return found
}

// wouldRead fails the test unless the Secrets that a Pod takes its environment from hold that
// password and nothing else.
func wouldRead(t *testing.T, n *harness.Tenant, pod *corev1.Pod, want string) {
	t.Helper()
	sources := pod.Spec.Containers[0].EnvFrom
	if len(sources) == 0 {
		t.Fatalf("Pod %s reads no Secret", pod.Name)
	}
	for _, source := range sources {
		if got := harness.Texts(n.Secret(t, source.SecretRef.Name)); len(got) != 1 || got["password"] != want {
			t.Errorf("Pod %s would read %v, want %q", pod.Name, got, want)
		}
	}
}

// setOf returns the name of the ReplicaSet that made a Pod.
func setOf(t *testing.T, pod *corev1.Pod) string {
	t.Helper()
	owner := metav1.GetControllerOf(pod)
	if owner == nil || owner.Kind != "ReplicaSet" {
		t.Fatalf("Pod %s was made by %v", pod.Name, owner)
	}
	return owner.Name
}
