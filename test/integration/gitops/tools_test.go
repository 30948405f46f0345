// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// argoCD is the name under which Argo CD writes what it applies (ArgoCDSSAManager in
// common/common.go of argoproj/argo-cd 3.6).
const argoCD = "argocd-controller"

// tool applies a manifest from Git.
type tool func(t *testing.T, w *world, manifest *unstructured.Unstructured)

// tracked marks an object as Argo CD does before it applies it.
func tracked(manifest *unstructured.Unstructured) {
	annotate(manifest, "argocd.argoproj.io/tracking-id", "apps:secretsync.io/SecretSync:"+namespace+"/"+manifest.GetName())
}

func annotate(object *unstructured.Unstructured, key, text string) {
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[key] = text
	object.SetAnnotations(annotations)
}

// clientSide is Argo CD's default, which is kubectl apply: a merge patch from what was applied
// last, what is in Git, and what is there.
func clientSide(t *testing.T, w *world, manifest *unstructured.Unstructured) {
	t.Helper()
	tracked(manifest)
	annotate(manifest, corev1.LastAppliedConfigAnnotation, string(marshal(t, manifest)))
	live, err := w.find(t, manifest.GetName())
	if apierrors.IsNotFound(err) {
		w.must(t, w.client.Create(t.Context(), manifest, client.FieldOwner(argoCD)))
		return
	}
	w.must(t, err)
	last := live.GetAnnotations()[corev1.LastAppliedConfigAnnotation]
	patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch([]byte(last), marshal(t, manifest), marshal(t, live))
	w.must(t, err)
	w.must(t, w.client.Patch(t.Context(), live, client.RawPatch(types.MergePatchType, patch), client.FieldOwner(argoCD)))
}

// serverSide is Argo CD with ServerSideApply=true, which forces conflicts.
func serverSide(t *testing.T, w *world, manifest *unstructured.Unstructured) {
	t.Helper()
	tracked(manifest)
	applied := client.ApplyConfigurationFromUnstructured(manifest)
	w.must(t, w.client.Apply(t.Context(), applied, client.FieldOwner(argoCD), client.ForceOwnership))
}

// replace is Argo CD with Replace=true, which is kubectl replace: the whole object is put.
func replace(t *testing.T, w *world, manifest *unstructured.Unstructured) {
	t.Helper()
	tracked(manifest)
	live, err := w.find(t, manifest.GetName())
	if apierrors.IsNotFound(err) {
		w.must(t, w.client.Create(t.Context(), manifest, client.FieldOwner("kubectl-create")))
		return
	}
	w.must(t, err)
	manifest.SetResourceVersion(live.GetResourceVersion())
	w.must(t, w.client.Update(t.Context(), manifest, client.FieldOwner("kubectl-replace")))
}

// flux is kustomize-controller's own library with its options.
func flux(t *testing.T, w *world, manifest *unstructured.Unstructured) {
	t.Helper()
	text, err := yaml.Marshal(manifest.Object)
	w.must(t, err)
	w.flux(t, text)
}

// fluxMerging is Flux on an object that asks it to leave other field managers alone.
func fluxMerging(t *testing.T, w *world, manifest *unstructured.Unstructured) {
	t.Helper()
	annotate(manifest, "kustomize.toolkit.fluxcd.io/ssa", "Merge")
	flux(t, w, manifest)
}

func marshal(t *testing.T, object *unstructured.Unstructured) []byte {
	t.Helper()
	text, err := json.Marshal(object.Object)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// buildFlux compiles the program of the folder flux, a module of its own.
func buildFlux(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "flux")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-C", "flux", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the replay of Flux: %v\n%s", err, output)
	}
	return program
}
