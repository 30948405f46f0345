// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package versioned

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/test/e2e/harness"
)

// rolledOut waits for the ReplicaSet that a Deployment made for a state.
func (l *life) rolledOut(t *testing.T, state int) (made appsv1.ReplicaSet) {
	t.Helper()
	harness.Await(t, fmt.Sprintf("a ReplicaSet of state %d", state), func() string {
		var sets appsv1.ReplicaSetList
		harness.Must(t, l.Client.List(t.Context(), &sets, client.InNamespace(l.Namespace)))
		for _, set := range sets.Items {
			if set.Spec.Template.Spec.Containers[0].EnvFrom[0].SecretRef.Name == l.secrets[state] {
				made = set
				return ""
			}
		}
		return "there is none"
	})
	return made
}

// TestRolloutUndo: each ReplicaSet of a Deployment finds the Secret that it was made with, bytes
// and all, however many states came later, deployed or not.
func TestRolloutUndo(t *testing.T) {
	l := begin(t, 1)
	template := podTemplate("app", l.secrets[1])
	app := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "app"}, Spec: appsv1.DeploymentSpec{
		Replicas: new(int32(0)), Selector: &metav1.LabelSelector{MatchLabels: template.Labels}, Template: template,
	}}
	l.Create(t, app)
	first := l.rolledOut(t, 1)
	roll := func(to corev1.PodTemplateSpec) {
		t.Helper()
		l.Change(t, l.Key("app"), app, func() { app.Spec.Template = to })
	}
	for state := 2; state <= 3; state++ {
		l.next(t, state)
		roll(podTemplate("app", l.secrets[state]))
		l.rolledOut(t, state)
	}
	var before []*corev1.Secret
	for state := 1; state <= 3; state++ {
		before = append(before, l.Secret(t, l.secrets[state]))
	}
	for state := 4; state <= 6; state++ { // None of them is deployed.
		l.next(t, state)
	}
	l.gone(t, 4)
	for _, secret := range before {
		l.SameBytes(t, secret)
	}

	undone := first.Spec.Template // as kubectl rollout undo --to-revision=1 does
	delete(undone.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	roll(undone)
	l.next(t, 7)
	l.next(t, 8)
	l.gone(t, 6)
	for _, secret := range before {
		l.SameBytes(t, secret)
	}
}
