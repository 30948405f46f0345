// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// crds returns the generated CRDs by kind.
func crds(t *testing.T) map[string]*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(crdFolder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("finding the CRDs: %d found, error %v", len(files), err)
	}
	found := map[string]*apiextensionsv1.CustomResourceDefinition{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(text, &crd); err != nil {
			t.Fatalf("parsing %s: %v", file, err)
		}
		found[crd.Spec.Names.Kind] = &crd
	}
	return found
}

// schema is the schema of one field.
type schema struct {
	// field is its place without indices and keys, such as spec.data.from.path.
	field string
	*apiextensionsv1.JSONSchemaProps
}

// root returns the schema of whole objects.
func root(crd *apiextensionsv1.CustomResourceDefinition) schema {
	return schema{JSONSchemaProps: crd.Spec.Versions[0].Schema.OpenAPIV3Schema}
}

// property returns the schema of a member; a map's members all have the same.
func (s schema) property(name string) (schema, bool) {
	if p, ok := s.Properties[name]; ok {
		return schema{field: join(s.field, name), JSONSchemaProps: &p}, true
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		return schema{field: s.field, JSONSchemaProps: s.AdditionalProperties.Schema}, true
	}
	return schema{}, false
}

// item returns the schema of a list's items.
func (s schema) item() (schema, bool) {
	if s.Items == nil || s.Items.Schema == nil {
		return schema{}, false
	}
	return schema{field: s.field, JSONSchemaProps: s.Items.Schema}, true
}

// walk calls visit for the schema and all below it.
func (s schema) walk(visit func(schema)) {
	visit(s)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		child, _ := s.property(name)
		child.walk(visit)
	}
	if child, ok := s.item(); ok {
		child.walk(visit)
	}
	if s.AdditionalProperties != nil {
		child, _ := s.property("")
		child.walk(visit)
	}
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

// index matches what a path in an error has and the schema has not.
var index = regexp.MustCompile(`\[[^]]*\]`)

// plainField returns the path of an error as the schema has it.
func plainField(path string) string { return index.ReplaceAllString(path, "") }

// specRule is one CEL rule at one place.
type specRule struct{ kind, field, message string }

// specRules returns all CEL rules of the CRDs.
func specRules(t *testing.T) []specRule {
	t.Helper()
	var rules []specRule
	for kind, crd := range crds(t) {
		root(crd).walk(func(s schema) {
			for _, rule := range s.XValidations {
				rules = append(rules, specRule{kind: kind, field: s.field, message: rule.Message})
			}
		})
	}
	return rules
}
