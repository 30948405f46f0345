// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/workload"
)

// TestRestarts: a workload that reads several of the Secrets is restarted once, and not at
// all if any of them loses a key that it needs.
func TestRestarts(t *testing.T) {
	other := input()
	other.Sync = newSync(func(s *v1alpha1.SecretSync) { s.Name = "other" })
	both := reader("web", "URL")
	both.Pod.Containers = append(both.Pod.Containers, reader("", "PASSWORD").Pod.Containers...)
	both.Pod.Containers[1].Env[0].ValueFrom.SecretKeyRef.Name = "other"
	other.Workloads = []workload.Workload{both}
	cases := map[string]struct {
		reason          string
		plans           []Plan
		restart, doomed []string
	}{
		"Twice":   {plans: []Plan{New(input()), New(input())}, restart: []string{"all"}, doomed: []string{"web"}},
		"ByOther": {reason: "what it needs is removed from db alone", plans: []Plan{New(other), New(input())}, restart: []string{"all"}, doomed: []string{"web"}},
		"Alone":   {plans: []Plan{New(other)}, restart: []string{"web"}},
		"None":    {},
	}
	names := func(found []workload.Consumer) []string {
		var all []string
		for _, c := range found {
			all = append(all, c.Name)
		}
		return all
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			restart, doomed := Restarts(tc.plans)
			if diff := cmp.Diff([][]string{tc.restart, tc.doomed}, [][]string{names(restart), names(doomed)}); diff != "" {
				t.Errorf("%s: %s", tc.reason, diff)
			}
		})
	}
}

// TestAgain: what is held already is written no more, and Pods may be older than it.
func TestAgain(t *testing.T) {
	in := input()
	in.Before = in.After
	in.Sync = newSync(func(s *v1alpha1.SecretSync) {
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationRollbackTo, "3")
		s.Status.ServingRevision = 3
		s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: "3", Revision: 3}
		s.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionDrifted, Status: metav1.ConditionTrue, Message: "differs by PASSWORD"}}
	})
	p := New(in)
	if restart, doomed := Restarts([]Plan{p}); !p.Again || len(restart) != 3 || len(doomed) != 0 {
		t.Errorf("want all three to be restarted, got %d and %d", len(restart), len(doomed))
	}
	notes := strings.Join(p.Notes, "\n")
	if !strings.Contains(notes, "Pods may be older") || !strings.Contains(notes, "does not put it right: differs by PASSWORD") || strings.Contains(notes, "overwritten") {
		t.Errorf("got %q", notes)
	}
	in.Release = true
	if p := New(in); p.Again || len(p.Restarts()) != 0 || !strings.Contains(strings.Join(p.Notes, ""), "will be overwritten") {
		t.Errorf("a release is not the same again: %+v", p.Notes)
	}
}

// TestFrozenVolume: the kubelet writes all files of a volume or none.
func TestFrozenVolume(t *testing.T) {
	in := input()
	pod := corev1.PodSpec{
		Containers: []corev1.Container{{Name: "app", VolumeMounts: []corev1.VolumeMount{{Name: "v"}}}},
		Volumes: []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{
			SecretName: "db", Items: []corev1.KeyToPath{{Key: "PASSWORD"}, {Key: "URL"}},
		}}}},
	}
	puller := corev1.PodSpec{ImagePullSecrets: []corev1.LocalObjectReference{{Name: "db"}}}
	in.Workloads = []workload.Workload{
		{Kind: workload.KindDeployment, Namespace: "shop", Name: "files", Pod: pod},
		{Kind: workload.KindDeployment, Namespace: "shop", Name: "puller", Pod: puller},
	}
	var text strings.Builder
	if err := New(in).Write(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"WARNING: Deployment files needs URL (app: volume): without it no file of the volume is updated: running Pods keep ALL their old files",
		"keeps ALL its old files, and new Pods do not start",
		"used at the next pull of an image",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("want %q in:\n%s", want, text.String())
		}
	}
}
