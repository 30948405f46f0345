// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/cli/convert"
)

// TestNothingIsLostWithoutAWord sets a field that no operator has anywhere in an object, and
// finds a note about it, or about something around it.
func TestNothingIsLostWithoutAWord(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("finding files: %d found, error %v", len(files), err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		objects := objectsOf(t, rapid.SampledFrom(files).Draw(rt, "file"))
		of := rapid.SampledFrom(objects).Draw(rt, "object")
		path := addUnknown(rt, of.Object["spec"].(map[string]any), "spec")
		name := of.GetKind() + " " + of.GetNamespace() + "/" + of.GetName()
		if of.GetNamespace() == "" {
			name = of.GetKind() + " " + of.GetName()
		}
		for _, note := range convert.Convert(objects, convert.Options{}).Notes {
			if note.Object == name && strings.HasPrefix(path, note.Field) && note.Kind == convert.Lost {
				return
			}
			if note.Object == name && note.Field == "" {
				return
			}
		}
		rt.Errorf("nothing is said about %s of %s", path, name)
	})
}

// addUnknown adds a member to some object inside a value, and returns where it is.
func addUnknown(t *rapid.T, members map[string]any, path string) string {
	var inner []string
	for name, value := range members {
		if nested(value) != nil && !free(name) {
			inner = append(inner, name)
		}
	}
	if len(inner) > 0 && rapid.Bool().Draw(t, "deeper") {
		name := rapid.SampledFrom(slices.Sorted(slices.Values(inner))).Draw(t, "member")
		at := path + "." + name
		if _, list := members[name].([]any); list {
			at += "[0]"
		}
		return addUnknown(t, nested(members[name]), at)
	}
	members["unheardOf"] = "x"
	return path + ".unheardOf"
}

// free says of a member that its names are free, so that none is unknown.
func free(name string) bool {
	return name == "matchLabels" || name == "labels" || name == "annotations" || name == "data" || name == "templates"
}

func nested(value any) map[string]any {
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	members, _ := value.(map[string]any)
	return members
}

// FuzzConvert never panics, whatever somebody has in the fields.
func FuzzConvert(f *testing.F) {
	f.Add("ExternalSecret", "external-secrets.io", "data", "a.b")
	f.Add("VaultStaticSecret", "secrets.hashicorp.com", "destination", "{{ .Secrets.x")
	f.Fuzz(func(_ *testing.T, kind, group, field, text string) {
		for _, value := range []any{text, map[string]any{text: text}, []any{text, map[string]any{field: text}}} {
			object := &unstructured.Unstructured{Object: map[string]any{
				"apiVersion": group + "/v1", "kind": kind, "metadata": map[string]any{"name": "x", "namespace": "y"},
				"spec": map[string]any{field: value, "secretStoreRef": map[string]any{"name": text}},
			}}
			_ = fmt.Sprint(convert.Convert([]*unstructured.Unstructured{object}, convert.Options{}))
		}
	})
}
