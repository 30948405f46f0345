// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/manifests"
)

// serveTwo serves an entry until it has two revisions, and returns the Secret.
func serveTwo(t *testing.T, n *harness.Tenant, name string) *corev1.Secret {
	t.Helper()
	n.Write(t, name, fields{"password": "first-password"})
	n.Sync(t, name)
	n.AwaitReady(t, name, 1)
	n.Write(t, name, fields{"password": "second-password"})
	n.AwaitReady(t, name, 2)
	return n.Secret(t, name)
}

// awaitGone waits until an object is not there.
func awaitGone(t *testing.T, n *harness.Tenant, object client.Object) {
	t.Helper()
	key := client.ObjectKeyFromObject(object)
	harness.Await(t, fmt.Sprintf("%T %s to be gone", object, key), func() string {
		err := n.Client.Get(t.Context(), key, object)
		if apierrors.IsNotFound(err) {
			return ""
		}
		harness.Must(t, err)
		return "it is there"
	})
}

// TestDefinitionDeleted: with the CRD go all SecretSyncs, and no Secret. When both are
// back, the same operator goes on where it was.
func TestDefinitionDeleted(t *testing.T) {
	n := suite.Tenant(t)
	before, pid := serveTwo(t, n, "db"), n.Operator.PID()
	declared := n.NewSync("db")

	definition := &unstructured.Unstructured{}
	definition.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	definition.SetName("secretsyncs." + v1alpha1.GroupName)
	harness.Must(t, n.Client.Delete(t.Context(), definition.DeepCopy()))
	awaitGone(t, n, definition)
	n.Unchanged(t, before)

	harness.Must(t, manifests.ApplyCRDs(harness.Patiently(t), n.Client))
	n.Create(t, declared)
	n.AwaitReady(t, "db", 2)
	n.Unchanged(t, before)
	n.Write(t, "db", fields{"password": "third-password"})
	n.AwaitSecret(t, "db", texts{"password": "third-password"})
	n.AwaitReady(t, "db", 3)
	if n.Operator.PID() != pid {
		t.Error("the operator did not live through it")
	}
}

// TestNamespaceDeleted with all that is in it, and made anew under the same name. Its
// numbers may begin anew or go on: nothing is left that they could stand for.
func TestNamespaceDeleted(t *testing.T) {
	t.Parallel()
	n := tenant(t)
	before := serveTwo(t, n, "stays")
	next := n.Neighbour(t, "next")
	serveTwo(t, next, "goes")

	next.Renew(t)
	next.Sync(t, "goes")
	next.AwaitSecret(t, "goes", texts{"password": "second-password"})
	next.AwaitCondition(t, "goes", v1alpha1.ConditionReady, metav1.ConditionTrue, "Serving")
	n.Unchanged(t, before)
}
