// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/pages"
)

// root is the repository's top level, seen from this package.
const root = "../../.."

// TestAccepted has the API server try all objects of other operators that tests and pages show,
// against their definitions, and what they become, against ours.
func TestAccepted(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	definePeers(t, n)
	for where, text := range shown(t) {
		t.Run(filepath.Base(where), func(t *testing.T) {
			t.Parallel()
			theirs := objectsIn(t, text)
			needNamespaces(t, n, theirs)
			createAll(t, n, known(t, n, theirs), client.DryRunAll)
			file := filepath.Join(t.TempDir(), "theirs.yaml")
			harness.Must(t, os.WriteFile(file, []byte(text), 0o600))
			ours, _, err := n.Plugin(t, "convert", "-f", file)
			harness.Must(t, err)
			if ours := objectsIn(t, ours); len(ours) == 0 {
				t.Error("they become nothing")
			} else {
				createAll(t, n, ours, client.DryRunAll)
			}
		})
	}
}

// shown returns objects of other operators, by where they stand.
func shown(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"pkg/cli/convert/testdata/*.yaml", "test/peers/testdata/*.yaml"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("finding %s: %d found, error %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			harness.Must(t, err)
			all[file] = string(text)
		}
	}
	read, err := pages.All(root)
	harness.Must(t, err)
	for _, page := range read {
		for _, block := range page.Blocks() {
			if block.IsPeers() {
				all[block.Where()] = block.Text
			}
		}
	}
	return all
}

// known returns the objects without those of kinds that are told of and not converted, whose
// definitions are not there.
func known(t *testing.T, n *harness.Tenant, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	t.Helper()
	aside := []string{"VaultDynamicSecret"}
	return slices.DeleteFunc(objects, func(o *unstructured.Unstructured) bool {
		if o.GetNamespace() == "" && o.GetKind()[:7] != "Cluster" {
			o.SetNamespace(n.Namespace)
		}
		return slices.Contains(aside, o.GetKind())
	})
}

// needNamespaces makes the namespaces that objects are in, and those of their Secrets.
func needNamespaces(t *testing.T, n *harness.Tenant, objects []*unstructured.Unstructured) {
	t.Helper()
	names := []string{"bank"}
	for _, object := range objects {
		if name := object.GetNamespace(); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		err := n.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
}
