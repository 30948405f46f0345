// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
)

// world is a real API server with the kinds, and Flux.
type world struct {
	client     client.Client
	program    string
	kubeconfig string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	program := buildFlux(t)
	c := cluster.ForTest(t, cluster.Options{})
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	admin, err := client.New(c.Config(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{client: admin, program: program, kubeconfig: c.Kubeconfig()}
	w.must(t, manifests.ApplyCRDs(t.Context(), admin))
	w.must(t, admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}))
	return w
}

func (w *world) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// flux lets Flux apply a manifest.
func (w *world) flux(t *testing.T, manifest []byte) {
	t.Helper()
	run := exec.CommandContext(t.Context(), w.program, w.kubeconfig)
	run.Stdin = bytes.NewReader(manifest)
	if output, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
}

func (w *world) find(t *testing.T, name string) (*unstructured.Unstructured, error) {
	t.Helper()
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.KindSecretSync))
	err := w.client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, object)
	return object, err
}

// live returns a SecretSync as it is now.
func (w *world) live(t *testing.T, name string) *v1alpha1.SecretSync {
	t.Helper()
	var sync v1alpha1.SecretSync
	w.must(t, w.client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, &sync))
	return &sync
}

// hold returns the text that asks for a hold; empty if none does.
func (w *world) hold(t *testing.T, name string) string {
	t.Helper()
	return w.live(t, name).Annotations[v1alpha1.AnnotationRollbackTo]
}

// ask writes that text, or takes it away if it is nil, by the request that kubectl annotate, the
// plugin and Argo CD's actions all make: a merge patch of this annotation.
func (w *world) ask(t *testing.T, name, manager string, text *string) {
	t.Helper()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"annotations": map[string]any{v1alpha1.AnnotationRollbackTo: text},
	}})
	w.must(t, err)
	object := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	w.must(t, w.client.Patch(t.Context(), object, client.RawPatch(types.MergePatchType, patch), client.FieldOwner(manager)))
}
