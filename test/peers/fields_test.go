// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/secretsync/secretsync/pkg/cli/convert"
)

// TestEveryFieldIsCarriedOverOrTold sets each field that a peer's definition has, one by one,
// in objects that are converted. Each value it can have must show: in what the objects become,
// or in a note.
func TestEveryFieldIsCarriedOverOrTold(t *testing.T) {
	w := walk{schemas: schemasOf(t), worlds: worlds(t), meaningless: withoutMeaning(), used: map[string]bool{}}
	w.places = inPlace(w.worlds, w.schemas)
	for file, world := range w.worlds {
		for i, object := range world {
			for _, silent := range w.silent(world, i) {
				t.Errorf("%s: %s: %s changes nothing, and no note names it", file, object.GetName(), silent)
			}
		}
	}
	if w.tried < 1000 {
		t.Errorf("%d fields were tried, want those of the definitions", w.tried)
	}
	for name := range w.meaningless {
		if !w.used[name] {
			t.Errorf("%s is said to have no meaning, and no definition has it", name)
		}
	}
}

// walk is one way through the fields of all definitions.
type walk struct {
	schemas map[string]*apiextensionsv1.JSONSchemaProps
	worlds  map[string][]*unstructured.Unstructured
	places  map[string]bool
	// meaningless are those that need not show, and used those of them that were met.
	meaningless map[string]string
	used        map[string]bool
	tried       int
}

// silent returns the fields of an object, with a value, of which nothing shows.
func (w *walk) silent(world []*unstructured.Unstructured, at int) (all []string) {
	object := world[at]
	for _, f := range leaves(object.Object["spec"], w.schemas[object.GetKind()]) {
		name := object.GetKind() + " " + f.name()
		if prefix := covering(w.meaningless, name); prefix != "" {
			w.used[prefix] = true
			continue
		}
		if !f.inPlace && w.places[object.GetKind()+" "+f.parent()] {
			continue
		}
		w.tried++
		for _, value := range try(world, at, f) {
			shown := fmt.Sprintf("%s=%v", name, value)
			if w.meaningless[shown] == "" {
				all = append(all, shown)
			}
			w.used[shown] = true
		}
	}
	return all
}

// inPlace names what has fields and is set in some object of its kind: there, and nowhere else,
// these fields are tried.
func inPlace(worlds map[string][]*unstructured.Unstructured, schemas map[string]*apiextensionsv1.JSONSchemaProps) map[string]bool {
	places := map[string]bool{}
	for _, world := range worlds {
		for _, object := range world {
			for _, f := range leaves(object.Object["spec"], schemas[object.GetKind()]) {
				if f.inPlace {
					places[object.GetKind()+" "+f.parent()] = true
				}
			}
		}
	}
	return places
}

var index = regexp.MustCompile(`\[\d+\]`)

func covering(meaningless map[string]string, name string) string {
	for prefix := range meaningless {
		if name == prefix || strings.HasPrefix(name, prefix+".") {
			return prefix
		}
	}
	return ""
}

// try sets one field of one object of a world to each value it can have, and returns those that
// change nothing, compared with the others or with none, and that no note names.
func try(world []*unstructured.Unstructured, at int, f field) (silent []any) {
	seen := map[string]bool{}
	if !f.required {
		without, _ := converted(world, at, f, nil)
		seen[without] = true
	}
	for _, value := range f.values() {
		shown, notes := converted(world, at, f, value)
		if seen[shown] && !lost(notes, world[at], f.path) {
			silent = append(silent, value)
		}
		seen[shown] = true
	}
	return silent
}

// converted returns what a world becomes with one field of one object set or, to nil, left out.
func converted(world []*unstructured.Unstructured, at int, f field, value any) (string, []convert.Note) {
	objects := make([]*unstructured.Unstructured, len(world))
	for i, object := range world {
		objects[i] = object.DeepCopy()
	}
	objects[at].Object["spec"] = f.set(objects[at].Object["spec"], f.steps[1:], value)
	result := convert.Convert(objects, convert.Options{OperatorNamespace: "secretsync"})
	shown, err := json.Marshal(result)
	if err != nil {
		return err.Error(), nil
	}
	return string(shown), result.Notes
}

// lost reports whether a note says that a field, or what it is in, has no counterpart.
func lost(notes []convert.Note, of *unstructured.Unstructured, path string) bool {
	name := of.GetKind() + " " + strings.TrimPrefix(of.GetNamespace()+"/"+of.GetName(), "/")
	return slices.ContainsFunc(notes, func(n convert.Note) bool {
		return n.Object == name && n.Kind == convert.Lost && (path == n.Field || strings.HasPrefix(path, n.Field+".") || strings.HasPrefix(path, n.Field+"["))
	})
}

// field is a field of a schema that has no fields of its own.
type field struct {
	path  string
	steps []step
	// required says that what it is in cannot be without it, and inPlace that this is there.
	required, inPlace bool
}

// name is the path without the places in lists.
func (f field) name() string { return index.ReplaceAllString(f.path, "") }

// parent names what the field is a member of.
func (f field) parent() string {
	name := f.name()
	return name[:strings.LastIndex(name, ".")]
}

// step is a member of an object, the first item of a list, or a member of any name, with its schema.
type step struct {
	name   string
	list   bool
	schema *apiextensionsv1.JSONSchemaProps
	// required says that an object has to have the member, and inPlace that there is the object.
	required, inPlace bool
}

// leaves lists the fields that an object of a specification may have. Of an object that takes
// one member only, those are the fields of the member that it has.
func leaves(spec any, schema *apiextensionsv1.JSONSchemaProps) []field {
	var all []field
	var walk func(path string, value any, steps []step)
	walk = func(path string, value any, steps []step) {
		at := steps[len(steps)-1]
		of := at.schema
		members, _ := value.(map[string]any)
		further := func(path string, inner any, next step) {
			next.inPlace = value != nil
			walk(path, inner, append(slices.Clone(steps), next))
		}
		switch {
		case len(of.Properties) > 0:
			for _, name := range slices.Sorted(maps.Keys(of.Properties)) {
				if value, has := members[name]; has || of.MaxProperties == nil || *of.MaxProperties > 1 {
					further(path+"."+name, value, step{name: name, schema: new(of.Properties[name]), required: slices.Contains(of.Required, name)})
				}
			}
		case of.Items != nil && of.Items.Schema != nil:
			further(path+"[0]", first(value), step{list: true, schema: of.Items.Schema})
		case of.AdditionalProperties != nil && of.AdditionalProperties.Schema != nil:
			further(path+".any", members["any"], step{name: "any", schema: of.AdditionalProperties.Schema})
		default:
			all = append(all, field{path: path, steps: steps, required: at.required, inPlace: at.inPlace})
		}
	}
	walk("spec", spec, []step{{name: "spec", schema: schema}})
	return all
}

// first returns the first item of a list; nil if there is none.
func first(value any) any {
	if items, _ := value.([]any); len(items) > 0 {
		return items[0]
	}
	return nil
}

// set returns a value with the field below it set, or left out if it is nil. What is made on
// the way has what its schema requires.
func (f field) set(at any, steps []step, value any) any {
	if len(steps) == 0 {
		return value
	}
	if steps[0].list {
		items, _ := at.([]any)
		if len(items) == 0 {
			items = []any{required(steps[0].schema)}
		}
		items[0] = f.set(items[0], steps[1:], value)
		if items[0] == nil {
			return items[1:]
		}
		return items
	}
	members, _ := at.(map[string]any)
	if members == nil {
		members = map[string]any{}
	}
	name := steps[0].name
	inner := members[name]
	if inner == nil && len(steps) > 1 {
		inner = required(steps[0].schema)
	}
	if inner = f.set(inner, steps[1:], value); inner == nil {
		delete(members, name)
	} else {
		members[name] = inner
	}
	return members
}

// required returns the least that a schema takes.
func required(schema *apiextensionsv1.JSONSchemaProps) any {
	switch {
	case len(schema.Properties) > 0:
		members := map[string]any{}
		for _, name := range schema.Required {
			members[name] = required(new(schema.Properties[name]))
		}
		return members
	case schema.Type == "array", schema.Type == "object":
		return nil
	default:
		return values(schema)[0]
	}
}

// values are those by which it can be told whether a field has a meaning: not its default.
func (f field) values() []any {
	return values(f.steps[len(f.steps)-1].schema)
}

func values(schema *apiextensionsv1.JSONSchemaProps) []any {
	switch {
	case len(schema.Enum) > 0:
		var all []any
		for _, item := range schema.Enum {
			if text := strings.Trim(string(item.Raw), `"`); schema.Default == nil || string(item.Raw) != string(schema.Default.Raw) {
				all = append(all, text)
			}
		}
		return all
	case schema.Type == "boolean":
		return []any{schema.Default == nil || string(schema.Default.Raw) != "true"}
	case schema.Type == "integer":
		return []any{int64(7), int64(8)}
	case schema.Format == "byte":
		return []any{"b25l", "dHdv"}
	default:
		return []any{"one", "two"}
	}
}
