// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/peers"
)

// defined makes the definitions once, whichever test comes first.
var defined sync.Once //nolint:gochecknoglobals // One cluster serves all tests.

// definePeers has the API server know the kinds of the other operators.
func definePeers(t *testing.T, n *harness.Tenant) {
	t.Helper()
	defined.Do(func() {
		definitions, err := peers.Definitions(t.Context(), "../../peers", t.TempDir())
		harness.Must(t, err)
		for _, definition := range definitions {
			n.Define(t, definition)
		}
	})
}

// createAll creates objects in their order, each as soon as the API server knows its kind.
func createAll(t *testing.T, n *harness.Tenant, objects []*unstructured.Unstructured, options ...client.CreateOption) {
	t.Helper()
	for _, object := range objects {
		harness.Await(t, "the kind "+object.GetKind(), func() string {
			if err := kindOf(n, object); err != nil {
				return err.Error()
			}
			return ""
		})
		if err := n.Client.Create(t.Context(), object, options...); err != nil {
			t.Fatalf("creating %s %s: %v", object.GetKind(), object.GetName(), err)
		}
	}
}

// kindOf returns whether the API server maps a kind already; discovery lags behind.
func kindOf(n *harness.Tenant, object *unstructured.Unstructured) error {
	gvk := object.GroupVersionKind()
	_, err := n.Client.RESTMapper().RESTMapping(schema.GroupKind{Group: gvk.Group, Kind: gvk.Kind}, gvk.Version)
	if meta.IsNoMatchError(err) {
		return err //nolint:wrapcheck // shown as it is
	}
	return nil
}
