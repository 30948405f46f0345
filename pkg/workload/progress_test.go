// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestProgressOfDeployment(t *testing.T) {
	whole := appsv1.DeploymentStatus{ObservedGeneration: 2, Replicas: 3, UpdatedReplicas: 3, ReadyReplicas: 3, AvailableReplicas: 3}
	gaveUp := appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: "False", Reason: "ProgressDeadlineExceeded"}
	cases := map[string]struct {
		reason string
		edit   func(*appsv1.Deployment)
		want   Phase
	}{
		"Whole":      {edit: func(*appsv1.Deployment) {}, want: Complete},
		"Unobserved": {reason: "its status is of the template before", edit: func(d *appsv1.Deployment) { d.Generation = 3 }, want: Progressing},
		"UnobservedFail": {reason: "so is its failure", edit: func(d *appsv1.Deployment) {
			d.Generation = 3
			d.Status.Conditions = append(d.Status.Conditions, gaveUp)
		}, want: Progressing},
		"GaveUp": {edit: func(d *appsv1.Deployment) {
			d.Status.UpdatedReplicas = 1
			d.Status.Conditions = append(d.Status.Conditions, gaveUp)
		}, want: Failed},
		"Paused":       {edit: func(d *appsv1.Deployment) { d.Spec.Paused, d.Generation = true, 3 }, want: Unwatched},
		"FewUpdated":   {edit: func(d *appsv1.Deployment) { d.Status.UpdatedReplicas = 1 }, want: Progressing},
		"OldOnesLeft":  {edit: func(d *appsv1.Deployment) { d.Status.Replicas = 4 }, want: Progressing},
		"NotAvailable": {edit: func(d *appsv1.Deployment) { d.Status.AvailableReplicas = 2 }, want: Progressing},
		"NoReplicas": {
			reason: "nothing runs that could be old",
			edit: func(d *appsv1.Deployment) {
				d.Spec.Replicas, d.Status = new(int32(0)), appsv1.DeploymentStatus{ObservedGeneration: 2}
			},
			want: Complete,
		},
		"DefaultReplicas": {reason: "one", edit: func(d *appsv1.Deployment) {
			d.Spec.Replicas, d.Status = nil, appsv1.DeploymentStatus{ObservedGeneration: 2}
		}, want: Progressing},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Generation: 2}, Spec: appsv1.DeploymentSpec{Replicas: new(int32(3))}, Status: whole}
			tc.edit(d)
			checkProgress(t, RollingDeployment(d), tc.want, tc.reason)
		})
	}
}

// TestSteady: a Deployment is not broken because some of its many Pods are missing.
func TestSteady(t *testing.T) {
	whole := appsv1.DeploymentStatus{ObservedGeneration: 2, Replicas: 9, UpdatedReplicas: 9, AvailableReplicas: 8, Conditions: []appsv1.DeploymentCondition{
		{Type: appsv1.DeploymentAvailable, Status: "True"}, {Type: appsv1.DeploymentProgressing, Status: "True", Reason: "NewReplicaSetAvailable"},
	}}
	cases := map[string]struct {
		edit func(*appsv1.Deployment)
		want bool
	}{
		"OneMissing": {edit: func(*appsv1.Deployment) {}, want: true},
		"Scaled":     {edit: func(d *appsv1.Deployment) { d.Spec.Replicas = new(int32(20)) }, want: true},
		"Unseen":     {edit: func(d *appsv1.Deployment) { d.Generation = 3 }},
		"Changing":   {edit: func(d *appsv1.Deployment) { d.Status.Replicas = 10 }},
		"TooFew":     {edit: func(d *appsv1.Deployment) { d.Status.Conditions[0].Status = "False" }},
		"GaveUp":     {edit: func(d *appsv1.Deployment) { d.Status.Conditions[1].Reason = "ProgressDeadlineExceeded" }},
		"NoStatus":   {edit: func(d *appsv1.Deployment) { d.Status = appsv1.DeploymentStatus{} }},
	}
	for name, tc := range cases {
		d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Generation: 2}, Spec: appsv1.DeploymentSpec{Replicas: new(int32(9))}, Status: *whole.DeepCopy()}
		tc.edit(d)
		if r := RollingDeployment(d); r.Steady != tc.want || r.Progress.Phase == Complete {
			t.Errorf("%s: %v, %+v", name, r.Steady, r.Progress)
		}
	}
}

func TestProgressOfStatefulSet(t *testing.T) {
	whole := appsv1.StatefulSetStatus{ObservedGeneration: 2, Replicas: 3, UpdatedReplicas: 3, AvailableReplicas: 3, CurrentRevision: "b", UpdateRevision: "b"}
	partition := appsv1.StatefulSetUpdateStrategy{RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{Partition: new(int32(2))}}
	cases := map[string]struct {
		reason string
		edit   func(*appsv1.StatefulSet)
		want   Phase
	}{
		"Whole":      {edit: func(*appsv1.StatefulSet) {}, want: Complete},
		"Unobserved": {edit: func(s *appsv1.StatefulSet) { s.Generation = 3 }, want: Progressing},
		"Rolling":    {edit: func(s *appsv1.StatefulSet) { s.Status.CurrentRevision = "a" }, want: Progressing},
		"Unready":    {edit: func(s *appsv1.StatefulSet) { s.Status.AvailableReplicas = 2 }, want: Progressing},
		"OnDelete": {edit: func(s *appsv1.StatefulSet) {
			s.Spec.UpdateStrategy.Type, s.Status.CurrentRevision = appsv1.OnDeleteStatefulSetStrategyType, "a"
		}, want: Unwatched},
		"Partition": {reason: "the others stay on purpose", edit: func(s *appsv1.StatefulSet) {
			s.Spec.UpdateStrategy, s.Status.CurrentRevision, s.Status.UpdatedReplicas = partition, "a", 1
		}, want: Complete},
		"PartitionRolling": {edit: func(s *appsv1.StatefulSet) {
			s.Spec.UpdateStrategy, s.Status.CurrentRevision, s.Status.UpdatedReplicas = partition, "a", 0
		}, want: Progressing},
		"NoReplicas": {edit: func(s *appsv1.StatefulSet) {
			s.Spec.Replicas, s.Status.AvailableReplicas = new(int32(0)), 0
		}, want: Complete},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Generation: 2}, Spec: appsv1.StatefulSetSpec{Replicas: new(int32(3))}, Status: whole}
			tc.edit(s)
			checkProgress(t, RollingStatefulSet(s), tc.want, tc.reason)
		})
	}
}

func TestProgressOfDaemonSet(t *testing.T) {
	whole := appsv1.DaemonSetStatus{ObservedGeneration: 2, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 3, NumberAvailable: 3}
	cases := map[string]struct {
		reason string
		edit   func(*appsv1.DaemonSet)
		want   Phase
	}{
		"Whole":      {edit: func(*appsv1.DaemonSet) {}, want: Complete},
		"Unobserved": {edit: func(d *appsv1.DaemonSet) { d.Generation = 3 }, want: Progressing},
		"Rolling":    {edit: func(d *appsv1.DaemonSet) { d.Status.UpdatedNumberScheduled = 2 }, want: Progressing},
		"Unready":    {edit: func(d *appsv1.DaemonSet) { d.Status.NumberAvailable = 2 }, want: Progressing},
		"OnDelete":   {edit: func(d *appsv1.DaemonSet) { d.Spec.UpdateStrategy.Type = appsv1.OnDeleteDaemonSetStrategyType }, want: Unwatched},
		"NoNodes":    {reason: "it runs nowhere", edit: func(d *appsv1.DaemonSet) { d.Status = appsv1.DaemonSetStatus{ObservedGeneration: 2} }, want: Complete},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Generation: 2}, Status: whole}
			tc.edit(d)
			checkProgress(t, RollingDaemonSet(d), tc.want, tc.reason)
		})
	}
}

func checkProgress(t *testing.T, r Rolling, want Phase, reason string) {
	t.Helper()
	if r.Progress.Phase != want || (r.Progress.Why == "") != (want == Complete) {
		t.Errorf("%+v, want %s with its cause: %s", r.Progress, want, reason)
	}
	if (want == Unwatched) == (r.ByHand == "") {
		t.Errorf("a workload that is %s is said to be restarted by %q", want, r.ByHand)
	}
}

func rollout(edit func(spec, status map[string]any)) *unstructured.Unstructured {
	spec := map[string]any{"template": map[string]any{
		"metadata": map[string]any{"annotations": map[string]any{"a": "b"}},
		"spec":     map[string]any{"containers": []any{map[string]any{"name": "app", "envFrom": []any{map[string]any{"secretRef": map[string]any{"name": "db"}}}}}},
	}}
	status := map[string]any{"observedGeneration": "2", "phase": "Healthy"}
	edit(spec, status)
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout",
		"metadata": map[string]any{"namespace": "shop", "name": "web", "generation": int64(2)}, "spec": spec, "status": status,
	}}
}

// pausedAt has a canary paused at a step, of which the first ends by itself.
func pausedAt(reason string, step int64) func(spec, status map[string]any) {
	return func(spec, status map[string]any) {
		pause := func(pause map[string]any) any { return map[string]any{"pause": pause} }
		spec["strategy"] = map[string]any{"canary": map[string]any{"steps": []any{pause(map[string]any{"duration": "1m"}), pause(map[string]any{})}}}
		status["phase"], status["currentStepIndex"] = "Paused", step
		status["pauseConditions"] = []any{map[string]any{"reason": reason}}
	}
}

func TestProgressOfRollout(t *testing.T) {
	phase := func(phase string) func(map[string]any, map[string]any) {
		return func(_, status map[string]any) { status["phase"] = phase }
	}
	cases := map[string]struct {
		edit func(spec, status map[string]any)
		want Phase
	}{
		"Healthy":     {edit: phase("Healthy"), want: Complete},
		"Degraded":    {edit: phase("Degraded"), want: Failed},
		"Progressing": {edit: phase("Progressing"), want: Progressing},
		"AtAPause":    {edit: pausedAt("CanaryPauseStep", 1), want: Unwatched},
		"AtATimed":    {edit: pausedAt("CanaryPauseStep", 0), want: Pausing},
		"PastSteps":   {edit: pausedAt("CanaryPauseStep", 2), want: Unwatched},
		"Unclear":     {edit: pausedAt("InconclusiveAnalysisRun", 0), want: Unwatched},
		"Promotion":   {edit: pausedAt("BlueGreenPause", 0), want: Unwatched},
		"TimedPromotion": {edit: func(spec, status map[string]any) {
			pausedAt("BlueGreenPause", 0)(spec, status)
			spec["strategy"] = map[string]any{"blueGreen": map[string]any{"autoPromotionSeconds": int64(30)}}
		}, want: Pausing},
		"Resumed":    {edit: phase("Paused"), want: Pausing},
		"Unobserved": {edit: func(_, status map[string]any) { status["observedGeneration"] = "1" }, want: Progressing},
		"NoStatus":   {edit: func(_, status map[string]any) { clear(status) }, want: Progressing},
		"Paused":     {edit: func(spec, _ map[string]any) { spec["paused"] = true }, want: Unwatched},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r, ok := RollingRollout(rollout(tc.edit))
			if !ok || r.Title() != "Rollout/web" || r.Template["a"] != "b" || !r.Restarts("db") || r.Restarts("cache") {
				t.Fatalf("%v %+v", ok, r)
			}
			checkProgress(t, r, tc.want, "")
		})
	}
	d := &appsv1.Deployment{}
	d.Name, d.Generation = "web", 7
	d.Spec.Template.Annotations = map[string]string{"a": "b"}
	for observed, want := range map[string]Phase{"7": Complete, "6": Progressing} {
		u := rollout(func(spec, status map[string]any) {
			delete(spec, "template")
			spec["workloadRef"] = map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
			status["workloadObservedGeneration"] = observed
		})
		if got := TemplateHolder(u); got != "web" {
			t.Errorf("the Pod template is held by %q", got)
		}
		r := RollingReferrer(u, d)
		if r.Title() != "Rollout/web" || r.Template["a"] != "b" || r.Holder != "web" {
			t.Errorf("%+v", r)
		}
		checkProgress(t, r, want, "")
	}
	for name, edit := range map[string]func(spec, status map[string]any){
		"BorrowsItsTemplate": func(spec, _ map[string]any) { delete(spec, "template") },
		"OddTemplate":        func(spec, _ map[string]any) { spec["template"] = "text" },
		"OddPod":             func(spec, _ map[string]any) { spec["template"] = map[string]any{"spec": "text"} },
	} {
		if _, ok := RollingRollout(rollout(edit)); ok {
			t.Errorf("%s: it is taken for a workload", name)
		}
	}
}
