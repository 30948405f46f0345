// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// bound is one limit of a schema other than a CEL rule.
type bound struct{ kind, field, what string }

// breach is an accepted object with one value replaced, so that it breaks a bound.
type breach struct {
	bound
	at     []any // member names and list indices, from the root
	value  any   // absent removes the member
	blamed string
}

type absent struct{}

// testEveryBoundIsKept breaks each length, number, enumeration and requirement of the
// schemas in an object that is accepted otherwise. A bound that no accepted object
// reaches is a field that no case has.
func (s *server) testEveryBoundIsKept(t *testing.T) {
	all := accepted(t)
	for kind, crd := range crds(t) {
		spec, _ := root(crd).property("spec")
		open := map[bound]bool{}
		spec.walk(func(s schema) {
			for _, b := range bounds(s) {
				b.kind = kind
				open[b] = true
			}
		})
		if len(open) == 0 {
			t.Errorf("%s has no bounds at all", kind)
		}
		for _, sent := range all[kind] {
			for _, b := range breaches(spec, []any{"spec"}, sent["spec"]) {
				b.kind = kind
				if open[b.bound] {
					delete(open, b.bound)
					t.Run(fmt.Sprintf("%s/%s/%s", kind, b.field, b.what), func(t *testing.T) { s.testBreach(t, sent, b) })
				}
			}
		}
		for b := range open {
			t.Errorf("%s: no accepted case has %q, so that nothing tries its %s", kind, b.field, b.what)
		}
	}
}

func (s *server) testBreach(t *testing.T, sent map[string]any, b breach) {
	t.Helper()
	broken := runtime.DeepCopyJSON(sent)
	replace(broken, b.at, b.value)
	_, err := s.try(t, broken)
	if err == nil {
		t.Fatal("accepted")
	}
	if !slices.ContainsFunc(causes(t, err), func(c metav1.StatusCause) bool { return c.Field == b.blamed }) {
		t.Errorf("%v, want %s to be named", err, b.blamed)
	}
}

// bounds lists the bounds of one schema.
func bounds(s schema) []bound {
	var found []bound
	add := func(has bool, what string) {
		if has {
			found = append(found, bound{field: s.field, what: what})
		}
	}
	add(len(s.Enum) > 0, "enum")
	add(s.Minimum != nil, "minimum")
	add(s.Maximum != nil, "maximum")
	add(s.MinLength != nil && *s.MinLength > 0, "minLength")
	add(s.MaxLength != nil, "maxLength")
	add(s.MinItems != nil, "minItems")
	add(s.MaxItems != nil, "maxItems")
	add(s.MinProperties != nil, "minProperties")
	add(s.MaxProperties != nil, "maxProperties")
	for _, name := range s.Required {
		add(true, "required "+name)
	}
	return found
}

// breaches lists how a value can break the bounds of its schema, and all below it.
func breaches(s schema, at []any, value any) []breach {
	var found []breach
	for _, b := range bounds(s) {
		found = append(found, breachOf(s, b, at, value))
	}
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if child, ok := s.property(name); ok {
				found = append(found, breaches(child, append(slices.Clone(at), name), member)...)
			}
		}
	case []any:
		for i, item := range v {
			if child, ok := s.item(); ok {
				found = append(found, breaches(child, append(slices.Clone(at), i), item)...)
			}
		}
	}
	return found
}

func breachOf(s schema, b bound, at []any, value any) breach {
	made := breach{bound: b, at: at, blamed: pathOf(at)}
	if name, ok := strings.CutPrefix(b.what, "required "); ok {
		made.at, made.value = append(slices.Clone(at), name), absent{}
		made.blamed += "." + name
		return made
	}
	switch b.what {
	case "enum":
		made.value = "Other"
	case "minimum":
		made.value = int64(*s.Minimum) - 1
	case "maximum":
		made.value = int64(*s.Maximum) + 1
	case "minLength":
		made.value = ""
	case "maxLength":
		made.value = strings.Repeat("x", int(*s.MaxLength)+1)
	case "minItems":
		made.value = []any{}
	case "maxItems":
		made.value = slices.Repeat(append(slices.Clone(value.([]any)), "x")[:1], int(*s.MaxItems)+1)
	case "minProperties":
		made.value = map[string]any{}
	case "maxProperties":
		many := map[string]any{}
		for i := range *s.MaxProperties + 1 {
			many[fmt.Sprintf("key-%d", i)] = "x"
		}
		made.value = many
	}
	return made
}

// pathOf words a place as the server does.
func pathOf(at []any) string {
	path := ""
	for _, step := range at {
		if i, ok := step.(int); ok {
			path += fmt.Sprintf("[%d]", i)
			continue
		}
		path = join(path, step.(string))
	}
	return path
}

// replace puts a value at a place of an object.
func replace(object map[string]any, at []any, value any) {
	var holder any = object
	for _, step := range at[:len(at)-1] {
		holder = child(holder, step)
	}
	switch last := at[len(at)-1].(type) {
	case int:
		holder.([]any)[last] = value
	case string:
		if _, gone := value.(absent); gone {
			delete(holder.(map[string]any), last)
			return
		}
		holder.(map[string]any)[last] = value
	}
}

func child(holder, step any) any {
	if i, ok := step.(int); ok {
		return holder.([]any)[i]
	}
	return holder.(map[string]any)[step.(string)]
}
