// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// commit is a state of Git: a SecretSync as it is kept there.
type commit struct {
	name        string
	interval    string
	annotations map[string]string
}

const namespace = "payments"

// manifest returns the object that a tool reads from Git, anew each time, because tools put
// marks of their own on it.
func (c commit) manifest(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	const text = `
apiVersion: secretsync.io/v1alpha1
kind: SecretSync
spec:
  backendRef: {kind: ClusterSecretBackend, name: vault}
  data:
    - secretKey: DB_PASSWORD
      from: {path: payments/db, field: password}
`
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		t.Fatal(err)
	}
	object.SetNamespace(namespace)
	object.SetName(c.name)
	if len(c.annotations) > 0 {
		object.SetAnnotations(c.annotations)
	}
	if err := unstructured.SetNestedField(object.Object, c.interval, "spec", "refresh", "interval"); err != nil {
		t.Fatal(err)
	}
	return object
}

// edited returns the next commit, which asks for something else.
func (c commit) edited() commit {
	c.interval = "2m"
	return c
}

// holding returns the commit with a hold that is kept in Git.
func (c commit) holding(text string) commit {
	c.annotations = map[string]string{v1alpha1.AnnotationRollbackTo: text}
	return c
}
