// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
)

// TestRunsWhereThePodSecurityStandardIsRestricted installs the chart, twice as an upgrade
// does, where the API server refuses every Pod that is not restricted, and waits for Pods.
func TestRunsWhereThePodSecurityStandardIsRestricted(t *testing.T) {
	servers := cluster.ForTest(t, cluster.Options{ControllerManager: true})
	c, err := client.New(servers.Config(), client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	home := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: namespace, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}}
	if err := c.Create(t.Context(), home); err != nil {
		t.Fatal(err)
	}
	chart := render(t, map[string]any{
		"replicas": 3, "imagePullSecrets": []any{map[string]any{"name": "registry"}},
		"nodeSelector": map[string]any{"kubernetes.io/os": "linux"},
		"tolerations":  []any{map[string]any{"key": "dedicated", "operator": "Exists"}},
		"affinity":     map[string]any{"podAntiAffinity": map[string]any{}},
	})
	for range 2 {
		if err := chart.Install(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	var pods corev1.PodList
	err = wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		err := c.List(ctx, &pods, client.InNamespace(namespace))
		return len(pods.Items) == 3, err
	})
	if err != nil {
		t.Fatalf("want three Pods, got %d: %v", len(pods.Items), err)
	}
}
