// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/secretsync/secretsync/test/cluster"
)

// crdFolder holds the generated CRDs.
const crdFolder = "../../../crds"

// server is a real API server with the CRDs installed.
type server struct {
	config *rest.Config
	client client.Client
}

func newServer(t *testing.T) *server {
	t.Helper()
	config := cluster.ForTest(t, cluster.Options{}).Config()
	if _, err := envtest.InstallCRDs(config, envtest.CRDInstallOptions{
		Paths: []string{crdFolder}, ErrorIfPathMissing: true,
	}); err != nil {
		t.Fatalf("installing the CRDs: %v", err)
	}
	c, err := client.New(config, client.Options{})
	if err != nil {
		t.Fatalf("making a client: %v", err)
	}
	return &server{config: config, client: client.WithFieldValidation(c, metav1.FieldValidationStrict)}
}

// try asks the server to create the object without keeping it, and returns it as it
// would have been stored.
func (s *server) try(t *testing.T, object map[string]any) (*unstructured.Unstructured, error) {
	t.Helper()
	stored := (&unstructured.Unstructured{Object: object}).DeepCopy()
	err := s.client.Create(t.Context(), stored, client.DryRunAll)
	return stored, err
}

// TestAPI runs everything against one API server, because starting one takes seconds.
func TestAPI(t *testing.T) {
	s := newServer(t)
	t.Run("Accepted", s.testAccepted)
	t.Run("Refused", s.testRefused)
	t.Run("Changes", s.testChanges)
	t.Run("EveryRuleIsTried", s.testEveryRuleIsTried)
	t.Run("EveryBoundIsKept", s.testEveryBoundIsKept)
	t.Run("LargestObject", s.testLargestObject)
	t.Run("Columns", s.testColumns)
	t.Run("Names", s.testNames)
	t.Run("Explain", s.testExplain)
	t.Run("Examples", s.testExamples)
	t.Run("BrokenExamples", s.testBrokenExamples)
}
