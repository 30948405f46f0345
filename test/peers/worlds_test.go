// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// schemasOf returns the schema of the specification of each kind.
func schemasOf(t *testing.T) map[string]*apiextensionsv1.JSONSchemaProps {
	t.Helper()
	definitions, err := Definitions(t.Context(), ".", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string]*apiextensionsv1.JSONSchemaProps{}
	for _, definition := range definitions {
		for _, version := range definition.Spec.Versions {
			if version.Storage {
				schemas[definition.Spec.Names.Kind] = new(version.Schema.OpenAPIV3Schema.Properties["spec"])
			}
		}
	}
	return schemas
}

// worlds reads the objects of each file that are converted together.
func worlds(t *testing.T) map[string][]*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("finding files: %d found, error %v", len(files), err)
	}
	all := map[string][]*unstructured.Unstructured{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), len(text))
		for {
			object := &unstructured.Unstructured{}
			if err := decoder.Decode(object); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			all[file] = append(all[file], object)
		}
	}
	return all
}
