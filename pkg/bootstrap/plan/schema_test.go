// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
)

// object is what the comparison needs of a part of the schema.
type object struct {
	Ref                  string            `json:"$ref"`
	Type                 string            `json:"type"`
	Const                any               `json:"const"`
	Enum                 []string          `json:"enum"`
	Items                *object           `json:"items"`
	Properties           map[string]object `json:"properties"`
	AdditionalProperties json.RawMessage   `json:"additionalProperties"`
	Required             []string          `json:"required"`
	Defs                 map[string]object `json:"$defs"`
}

// TestSchemaIsThatOfTheTypes: the schema has each field of the types and no other, of the same
// type, required where the type does not omit it, and closed.
func TestSchemaIsThatOfTheTypes(t *testing.T) {
	var root object
	if err := json.Unmarshal(plan.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	compared := 0
	var compare func(typ reflect.Type, s object, path string)
	compare = func(typ reflect.Type, s object, path string) {
		if name, refers := strings.CutPrefix(s.Ref, "#/$defs/"); refers {
			s = root.Defs[name]
		}
		compared++
		switch typ.Kind() {
		case reflect.Pointer:
			compare(typ.Elem(), s, path)
		case reflect.Slice:
			compare(typ.Elem(), *s.Items, path+"[]")
		case reflect.Map:
			var values object
			if err := json.Unmarshal(s.AdditionalProperties, &values); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			compare(typ.Elem(), values, path+".*")
		case reflect.Struct:
			compareFields(t, typ, s, path, compare)
		default:
			kinds := map[reflect.Kind]string{reflect.String: "string", reflect.Int: "integer", reflect.Bool: "boolean"}
			_, isText := s.Const.(string)
			_, isFlag := s.Const.(bool)
			fits := s.Type == kinds[typ.Kind()] || typ.Kind() == reflect.String && (isText || len(s.Enum) > 0) || typ.Kind() == reflect.Bool && isFlag
			if !fits {
				t.Errorf("%s is %s in Go and %q in the schema", path, typ, s.Type)
			}
		}
	}
	compare(reflect.TypeFor[plan.Plan](), root, "plan")
	if compared < 60 {
		t.Errorf("compared %d parts only", compared)
	}
}

func compareFields(t *testing.T, typ reflect.Type, s object, path string, compare func(reflect.Type, object, string)) {
	t.Helper()
	if string(s.AdditionalProperties) != "false" {
		t.Errorf("%s is open in the schema", path)
	}
	var inGo, required []string
	for field := range typ.Fields() {
		name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
		inGo = append(inGo, name)
		if option != "omitempty" {
			required = append(required, name)
		}
		property, known := s.Properties[name]
		if !known {
			t.Errorf("%s.%s is not in the schema", path, name)
			continue
		}
		compare(field.Type, property, path+"."+name)
	}
	for name := range s.Properties {
		if !slices.Contains(inGo, name) {
			t.Errorf("%s.%s is not in the types", path, name)
		}
	}
	slices.Sort(required)
	inSchema := slices.Clone(s.Required)
	slices.Sort(inSchema)
	if typ != reflect.TypeFor[plan.OperatorAccess]() && !slices.Equal(required, inSchema) {
		t.Errorf("%s: required differ: %s", path, cmp.Diff(required, inSchema))
	}
}
