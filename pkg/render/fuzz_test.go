// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
)

// FuzzPointer holds for any text and pointer: an answer or an InvalidContent, the same
// bytes for the same input, and a wrong pointer is always the specification's fault.
func FuzzPointer(f *testing.F) {
	f.Add(`{"a": {"b": [1, 2]}}`, "/a/b/0")
	f.Add(`"{\"a~/\": null}"`, "/a~0~1")
	f.Add(`{"\ud800": 1}`, "//")
	f.Add(`[`, "x")
	f.Fuzz(func(t *testing.T, text, pointer string) {
		item := v1alpha1.DataItem{SecretKey: "KEY", From: v1alpha1.FieldSource{
			EntrySource: v1alpha1.EntrySource{Path: "app"}, Field: "x", JSONPointer: pointer,
		}}
		checkRender(t, &v1alpha1.SecretSyncSpec{Data: []v1alpha1.DataItem{item}}, entries{"app": {"x": text}})
	})
}

// FuzzRender holds for any field: what is served is what the text says, or nothing is.
func FuzzRender(f *testing.F) {
	f.Add("field", `"value"`, "", false)
	f.Add("a.b", `{"b": 1.0, "a": ["\u00e9", null]}`, "", false)
	f.Add("x", `"aGVsbG8="`, "", true)
	f.Add("..", `"\ud83d\ude00"`, "/", true)
	f.Fuzz(func(t *testing.T, field, text, pointer string, decode bool) {
		spec := &v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "app"}}}}
		content, ok := checkRender(t, spec, entries{"app": {field: text}})
		if ok {
			checkMeaning(t, text, string(content.Data[field].Reveal()))
		}
		spec.Data = []v1alpha1.DataItem{{SecretKey: "KEY", From: v1alpha1.FieldSource{
			EntrySource: v1alpha1.EntrySource{Path: "app"}, Field: field, JSONPointer: pointer,
		}}}
		if decode {
			spec.Data[0].Decode = v1alpha1.DecodeBase64
		}
		checkRender(t, spec, entries{"app": {field: text}})
	})
}

func checkRender(t *testing.T, spec *v1alpha1.SecretSyncSpec, have entries) (render.Content, bool) {
	t.Helper()
	content, err := renderOf(spec, sourcesOf(t, spec, have))
	if err != nil {
		if !fault.Is(err, fault.InvalidContent, fault.InvalidSpec) {
			t.Fatalf("Render = %v, want InvalidContent or InvalidSpec", err)
		}
		return content, false
	}
	again, err := renderOf(spec, sourcesOf(t, spec, have))
	if err != nil || !again.Equal(content) {
		t.Fatalf("Render gives something else the second time (error %v)", err)
	}
	return content, true
}

// checkMeaning compares with encoding/json where that one loses nothing.
func checkMeaning(t *testing.T, text, got string) {
	t.Helper()
	var want string
	if json.Unmarshal([]byte(text), &want) == nil {
		if got != want {
			t.Errorf("rendered %q, want %q", got, want)
		}
		return
	}
	if !json.Valid([]byte(got)) || !utf8.ValidString(got) {
		t.Errorf("rendered %q, want JSON", got)
	}
}
