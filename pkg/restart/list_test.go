// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// referrer returns a Rollout that takes its Pod template from a Deployment of that name.
func referrer(name, holder, phase string) unstructured.Unstructured {
	return unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout",
		"metadata": map[string]any{"namespace": "shop", "name": name, "labels": map[string]any{"app": name}},
		"spec":     map[string]any{"workloadRef": map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "name": holder}},
		"status":   map[string]any{"observedGeneration": "0", "workloadObservedGeneration": "0", "phase": phase},
	}}
}

// TestReferrers: a Rollout that takes its Pod template from a Deployment is restarted by that, and
// awaited in its place, however it is chosen.
func TestReferrers(t *testing.T) {
	cases := map[string]v1alpha1.Restart{
		"Auto":     {},
		"Targets":  {Mode: "Targets", Targets: []v1alpha1.RestartTarget{{Kind: "Rollout", Name: "web"}}},
		"Selector": {Mode: "Selector", Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}},
	}
	for name, spec := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, deployment("web-template", func(d *appsv1.Deployment) {
				d.Spec.Replicas, d.Status = new(int32(0)), appsv1.DeploymentStatus{}
			}))
			w.rollouts = []unstructured.Unstructured{referrer("web", "web-template", "Healthy"), referrer("lost", "gone", "Healthy")}
			spec.OnFailure = v1alpha1.OnFailureRollback
			j := *job(func(j *Job) { j.Spec = spec })
			w.Ask(j)
			w.step(t.Context(), j.Key)
			w.rollouts[0] = referrer("web", "web-template", "Progressing")
			for range 5 {
				w.clock.Step(w.step(t.Context(), j.Key))
			}
			if report := w.Ask(j); report.State != v1alpha1.RestartRunning || report.Total != 1 || len(w.marks["web-template"]) != 1 {
				t.Errorf("while the Rollout goes on: %+v, marked %v", report, w.marks)
			}
			w.rollouts[0] = referrer("web", "web-template", "Degraded")
			want := Report{Revision: 5, State: "Failed", Total: 1, Failed: []string{"Rollout/web"}, Message: "Rollout/web: its phase is Degraded"}
			if diff := cmp.Diff(want, w.finish(t, j)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
