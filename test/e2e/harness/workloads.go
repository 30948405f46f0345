// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

const rolloutGroup, rolloutVersion, rolloutKind = "argoproj.io", "v1alpha1", "Rollout"

// ServeRollouts makes the cluster know the kind Rollout of Argo Rollouts, with no more of a
// schema than that it has any, and no controller.
func (w *World) ServeRollouts(tb testing.TB) {
	tb.Helper()
	open := map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
	definition := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "rollouts." + rolloutGroup},
		"spec": map[string]any{
			"group": rolloutGroup, "scope": "Namespaced",
			"names": map[string]any{"kind": rolloutKind, "plural": "rollouts", "singular": "rollout", "listKind": rolloutKind + "List"},
			"versions": []any{map[string]any{
				"name": rolloutVersion, "served": true, "storage": true, "subresources": map[string]any{"status": map[string]any{}},
				"schema": map[string]any{"openAPIV3Schema": map[string]any{
					"type": "object", "properties": map[string]any{"spec": open, "status": open},
				}},
			}},
		},
	}}
	if err := w.Client.Create(tb.Context(), definition); err != nil && !apierrors.IsAlreadyExists(err) {
		tb.Fatal(err)
	}
	Await(tb, "Rollouts to be served", func() string {
		var list unstructured.UnstructuredList
		list.SetGroupVersionKind(newRollout().GroupVersionKind())
		list.SetKind(rolloutKind + "List")
		if err := w.Client.List(tb.Context(), &list); err != nil {
			return err.Error()
		}
		return ""
	})
}

func newRollout() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{"apiVersion": rolloutGroup + "/" + rolloutVersion, "kind": rolloutKind}}
}

// Workloads returns one workload of each kind that can be restarted, all of that name and
// none with a Pod, whose Pods would get the Secret as their environment.
func Workloads(name, secret string) []client.Object {
	labels := map[string]string{"app": name}
	meta, selector := metav1.ObjectMeta{Name: name}, &metav1.LabelSelector{MatchLabels: labels}
	template := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: labels},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "example.test/app", EnvFrom: []corev1.EnvFromSource{
			{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: secret}}},
		}}}},
	}
	rollout := newRollout()
	rollout.SetName(name)
	rollout.Object["spec"] = map[string]any{"replicas": int64(0), "template": map[string]any{
		"metadata": map[string]any{"labels": map[string]any{"app": name}},
		"spec": map[string]any{"containers": []any{map[string]any{
			"name": "app", "image": "example.test/app", "envFrom": []any{map[string]any{"secretRef": map[string]any{"name": secret}}},
		}}},
	}}
	return []client.Object{
		&appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Replicas: new(int32(0)), Selector: selector, Template: template}},
		&appsv1.StatefulSet{ObjectMeta: meta, Spec: appsv1.StatefulSetSpec{Replicas: new(int32(0)), Selector: selector, Template: template}},
		&appsv1.DaemonSet{ObjectMeta: meta, Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template}},
		rollout,
	}
}

// AwaitMarked waits until the Pod templates of these objects tell of the restart for a
// revision of a SecretSync.
func (n *Tenant) AwaitMarked(tb testing.TB, syncName, revision string, objects ...client.Object) {
	tb.Helper()
	for _, object := range objects {
		kind, err := n.Client.GroupVersionKindFor(object)
		Must(tb, err)
		Await(tb, kind.Kind+" "+object.GetName()+" to be restarted", func() string {
			var now unstructured.Unstructured
			now.SetGroupVersionKind(kind)
			Must(tb, n.Client.Get(tb.Context(), n.Key(object.GetName()), &now))
			mark, _, _ := unstructured.NestedString(now.Object, "spec", "template", "metadata", "annotations", v1alpha1.GroupName+"/restart-"+syncName)
			if number, _, _ := strings.Cut(mark, "-"); number != revision {
				return "it is marked " + mark + n.describe(tb, syncName)
			}
			return ""
		})
	}
}
