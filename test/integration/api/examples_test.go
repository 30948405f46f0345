// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const docsFolder = "../../../docs"

// fence matches a block of YAML in a page.
var fence = regexp.MustCompile("(?s)\n```yaml\n(.*?)\n```\n")

// testExamples applies, on trial, every manifest that people copy: the files of
// docs/examples and the whole objects in the pages of docs/reference.
func (s *server) testExamples(t *testing.T) {
	for _, file := range files(t, "examples/*.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if s.apply(t, filepath.Base(file), text) == 0 {
			t.Errorf("%s has no object", file)
		}
	}
	inPages := 0
	for _, file := range files(t, "reference/*.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fence.FindAllSubmatch(text, -1) {
			if bytes.Contains(block[1], []byte("apiVersion:")) {
				inPages += s.apply(t, filepath.Base(file), block[1])
			}
		}
	}
	if inPages == 0 {
		t.Error("no page of docs/reference has an example")
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(docsFolder, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("finding %s: %d found, error %v", pattern, len(found), err)
	}
	return found
}

// apply tries each object of a manifest and returns how many there are.
func (s *server) apply(t *testing.T, source string, manifest []byte) int {
	t.Helper()
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(manifest), 4096)
	for count := 0; ; {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if len(object.Object) == 0 {
			continue
		}
		count++
		s.needNamespace(t, object.GetNamespace())
		configuration := client.ApplyConfigurationFromUnstructured(object)
		if err := s.client.Apply(t.Context(), configuration, client.DryRunAll, client.FieldOwner("docs")); err != nil {
			t.Errorf("%s: %s %s: %v", source, object.GetKind(), object.GetName(), err)
		}
	}
}

func (s *server) needNamespace(t *testing.T, name string) {
	t.Helper()
	if name == "" || strings.HasPrefix(name, "kube-") || name == "default" {
		return
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if err := s.client.Create(t.Context(), namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatalf("creating namespace %q: %v", name, err)
	}
}
