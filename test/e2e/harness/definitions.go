// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Define creates a CustomResourceDefinition, and waits until the API server serves its kind.
func (w *World) Define(tb testing.TB, definition *apiextensionsv1.CustomResourceDefinition) {
	tb.Helper()
	members, err := runtime.DefaultUnstructuredConverter.ToUnstructured(definition)
	Must(tb, err)
	delete(members, "status")
	object := &unstructured.Unstructured{Object: members}
	object.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	Must(tb, w.Client.Create(tb.Context(), object))
	Await(tb, "the definition "+object.GetName(), func() string {
		Must(tb, w.Client.Get(tb.Context(), client.ObjectKeyFromObject(object), object))
		conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
		for _, condition := range conditions {
			members, _ := condition.(map[string]any)
			if members["type"] == "Established" && members["status"] == "True" {
				return ""
			}
		}
		return "it is not established"
	})
}
