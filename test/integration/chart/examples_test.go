// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"path/filepath"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
)

// ofOthers are kinds that a bare Kubernetes does not have.
const ofOthers = "monitoring.coreos.com/v1"

// examples returns the files of values, by their paths in the repository.
func examples(t *testing.T) []string {
	t.Helper()
	root, err := manifests.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, manifests.ChartFolder, "examples", "*.yaml"))
	if err != nil || len(files) < 4 {
		t.Fatalf("want values for dev, test, staging and prod, got %v, %v", files, err)
	}
	for i, file := range files {
		if files[i], err = filepath.Rel(root, file); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestExamplesAreAccepted applies, on trial, what each example renders to.
func TestExamplesAreAccepted(t *testing.T) {
	servers := cluster.ForTest(t, cluster.Options{})
	c, err := client.New(servers.Config(), client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	if err := manifests.ApplyCRDs(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{namespace, "pr-1234", "pr-1234-jobs"} {
		if err := c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range examples(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			chart, err := manifests.Render(t.Context(), manifests.RenderOptions{Namespace: namespace, File: file, KubeVersion: "1.36.0"})
			if err != nil {
				t.Fatal(err)
			}
			_ = parsed(t, chart)
			for _, object := range chart.Objects {
				if object.GetAPIVersion() == ofOthers {
					continue
				}
				try(t, c, object)
			}
		})
	}
}

func try(t *testing.T, c client.Client, object *unstructured.Unstructured) {
	t.Helper()
	configuration := client.ApplyConfigurationFromUnstructured(object.DeepCopy())
	if err := c.Apply(t.Context(), configuration, client.DryRunAll, client.FieldOwner("test")); err != nil {
		t.Errorf("%s %q: %v", object.GetKind(), object.GetName(), err)
	}
}

// TestScopedExampleHasNoRightsInTheCluster: what one may install without being an
// administrator of the cluster holds nothing that only such a one may create.
func TestScopedExampleHasNoRightsInTheCluster(t *testing.T) {
	chart, err := manifests.Render(t.Context(), manifests.RenderOptions{Namespace: namespace, File: "helm/secretsync/examples/values-test.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{namespace, "pr-1234", "pr-1234-jobs"}
	for _, object := range chart.Objects {
		if !slices.Contains(allowed, object.GetNamespace()) {
			t.Errorf("%s %q belongs to no namespace of it", object.GetKind(), object.GetName())
		}
	}
}
