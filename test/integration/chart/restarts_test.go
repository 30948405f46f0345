// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
)

// TestTheOperatorChangesNothingThatRuns does with the operator's own identity what a thief of
// it would: have a workload run something else, as somebody else.
func TestTheOperatorChangesNothingThatRuns(t *testing.T) {
	servers := cluster.ForTest(t, cluster.Options{})
	admin, err := client.New(servers.Config(), client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"app": "web"}
	workload := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(1)), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       referring("db-1"),
			},
		},
	}
	for _, object := range []client.Object{&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, workload} {
		if err := admin.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	if err := render(t, map[string]any{"restarts": map[string]any{"enabled": true}}).Install(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	identity, err := servers.ServiceAccountConfig(t.Context(), namespace, "secretsync")
	if err != nil {
		t.Fatal(err)
	}
	thief, err := client.New(identity, client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	attempt := func(by client.Client, patch string) error {
		return by.Patch(t.Context(), workload.DeepCopy(), client.RawPatch(types.StrategicMergePatchType, []byte(patch)), client.DryRunAll)
	}
	refused := map[string]string{
		"Image":       `{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"example.test/other"}]}}}}`,
		"Command":     `{"spec":{"template":{"spec":{"containers":[{"name":"web","command":["sh"]}]}}}}`,
		"Sidecar":     `{"spec":{"template":{"spec":{"containers":[{"name":"more","image":"example.test/other"}]}}}}`,
		"Account":     `{"spec":{"template":{"spec":{"serviceAccountName":"admin"}}}}`,
		"Labels":      `{"spec":{"template":{"metadata":{"labels":{"other":"x"}}}}}`,
		"Replicas":    `{"spec":{"replicas":0}}`,
		"Variable":    `{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"PLAIN","value":"other"}]}]}}}}`,
		"MoreEnv":     `{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"LD_PRELOAD","value":"x"}]}]}}}}`,
		"MoreFrom":    `{"spec":{"template":{"spec":{"containers":[{"name":"web","envFrom":[{"configMapRef":{"name":"x"}}]}]}}}}`,
		"OtherKey":    `{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"db-1","key":"b"}}}]}]}}}}`,
		"HostPath":    `{"spec":{"template":{"spec":{"volumes":[{"name":"v","secret":null,"hostPath":{"path":"/"}}]}}}}`,
		"MoreVolumes": `{"spec":{"template":{"spec":{"volumes":[{"name":"more","hostPath":{"path":"/"}}]}}}}`,
		"FileMode":    `{"spec":{"template":{"spec":{"volumes":[{"name":"v","secret":{"defaultMode":511}}]}}}}`,
		"Token":       `{"spec":{"template":{"spec":{"volumes":[{"name":"p","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]}}}}`,
		"Host":        `{"spec":{"template":{"spec":{"hostNetwork":true}}}}`,
		"Strategy":    `{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}`,
		"Paused":      `{"spec":{"paused":true}}`,
		"Deadline":    `{"spec":{"progressDeadlineSeconds":700}}`,
		"Owner":       `{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"gone","uid":"1"}]}}`,
		"Finalizer":   `{"metadata":{"finalizers":["example.test/stays"]}}`,
		"OwnLabels":   `{"metadata":{"labels":{"other":"x"}}}`,
	}
	// The API server takes a policy in after a moment.
	err = wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		return denied(attempt(thief, refused["Image"])), nil
	})
	if err != nil {
		t.Fatal("want another image by the operator refused")
	}
	for name, patch := range refused {
		if err := attempt(thief, patch); !denied(err) {
			t.Errorf("%s: want it refused to the operator, got %v", name, err)
		}
		if err := attempt(admin, patch); err != nil {
			t.Errorf("%s: want it as ever for others, got %v", name, err)
		}
	}
	if err := attempt(thief, `{"spec":{"template":{"metadata":{"annotations":{"secretsync.io/restart-db":"2-x"}}}}}`); err != nil {
		t.Errorf("want a restart by the operator, got %v", err)
	}
	next := workload.DeepCopy()
	next.Spec.Template.Spec = referring("db-2")
	if err := thief.Patch(t.Context(), next, client.MergeFrom(workload), client.DryRunAll); err != nil {
		t.Errorf("want other names of Secrets by the operator, got %v", err)
	}
	changeOthers(t, admin, thief, workload)
}

// changeOthers has the operator restart workloads of the other kinds of Kubernetes, and change how.
func changeOthers(t *testing.T, admin, thief client.Client, like *appsv1.Deployment) {
	t.Helper()
	meta := metav1.ObjectMeta{Namespace: namespace, Name: "web"}
	for kind, object := range map[string]client.Object{
		"StatefulSet": &appsv1.StatefulSet{ObjectMeta: meta, Spec: appsv1.StatefulSetSpec{Selector: like.Spec.Selector, Template: like.Spec.Template}},
		"DaemonSet":   &appsv1.DaemonSet{ObjectMeta: meta, Spec: appsv1.DaemonSetSpec{Selector: like.Spec.Selector, Template: like.Spec.Template}},
	} {
		if err := admin.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		patch := func(text string) error {
			return thief.Patch(t.Context(), object, client.RawPatch(types.StrategicMergePatchType, []byte(text)), client.DryRunAll)
		}
		if err := patch(`{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}`); !denied(err) {
			t.Errorf("%s: want another strategy refused to the operator, got %v", kind, err)
		}
		if err := patch(`{"spec":{"template":{"metadata":{"annotations":{"secretsync.io/restart-db":"2-x"}}}}}`); err != nil {
			t.Errorf("%s: want a restart by the operator, got %v", kind, err)
		}
	}
}

// referring returns a Pod that names a Secret wherever one may be named.
func referring(secret string) corev1.PodSpec {
	named := corev1.LocalObjectReference{Name: secret}
	container := corev1.Container{
		Image: "example.test/web",
		Env: []corev1.EnvVar{
			{Name: "PLAIN", Value: "x"},
			{Name: "A", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: named, Key: "a"}}},
		},
		EnvFrom: []corev1.EnvFromSource{
			{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}},
			{Prefix: "DB_", SecretRef: &corev1.SecretEnvSource{LocalObjectReference: named}},
		},
	}
	first := container
	container.Name, first.Name = "web", "first"
	return corev1.PodSpec{
		Containers: []corev1.Container{container}, InitContainers: []corev1.Container{first},
		ImagePullSecrets: []corev1.LocalObjectReference{named},
		Volumes: []corev1.Volume{
			{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: secret}}},
			{Name: "p", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
				{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}},
				{Secret: &corev1.SecretProjection{LocalObjectReference: named, Items: []corev1.KeyToPath{{Key: "a", Path: "a"}}}},
			}}}},
			{Name: "driver", VolumeSource: corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{Driver: "example.test", NodePublishSecretRef: &named}}},
		},
	}
}

func denied(err error) bool { return apierrors.IsInvalid(err) || apierrors.IsForbidden(err) }
