// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// drawJSON draws any JSON text that marshals.
func drawJSON(t *rapid.T) string {
	text, err := json.Marshal(drawNode(t, 3))
	if err != nil {
		t.Fatalf("marshalling: %v", err)
	}
	return string(text)
}

func drawNode(t *rapid.T, depth int) any {
	kinds := 5
	if depth == 0 {
		kinds = 3
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.String().Draw(t, "text")
	case 1:
		return json.Number(rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})([.][0-9]{1,5})?([eE][-+]?[0-9]{1,3})?`).Draw(t, "number"))
	case 2:
		return rapid.Bool().Draw(t, "boolean")
	case 3:
		list := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "items") {
			list = append(list, drawNode(t, depth-1))
		}
		return list
	default:
		object := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			object[rapid.String().Draw(t, "member")] = drawNode(t, depth-1)
		}
		return object
	}
}

// drawSync draws a spec over a few entries, and the entries.
func drawSync(t *rapid.T) (*v1alpha1.SecretSyncSpec, entries) {
	paths := []string{"a", "b", "c/d"}
	fields := []string{"one", "two", "three", "four", "not a key"}
	have := entries{}
	for _, path := range paths {
		have[path] = map[string]string{}
		for _, field := range rapid.SliceOfDistinct(rapid.SampledFrom(fields), rapid.ID).Draw(t, "fields") {
			have[path][field] = drawJSON(t)
		}
	}
	spec := &v1alpha1.SecretSyncSpec{}
	for _, key := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"one", "KEY", "k.e-y"}), rapid.ID).Draw(t, "keys") {
		spec.Data = append(spec.Data, v1alpha1.DataItem{SecretKey: key, From: v1alpha1.FieldSource{
			EntrySource: v1alpha1.EntrySource{Path: rapid.SampledFrom(paths).Draw(t, "path")},
			Field:       rapid.SampledFrom(fields).Draw(t, "field"),
			JSONPointer: rapid.SampledFrom([]string{"", "", "/", "/0", "/a/b"}).Draw(t, "pointer"),
		}, Decode: rapid.SampledFrom([]string{"", "", "Base64"}).Draw(t, "decode")})
	}
	for _, path := range rapid.SliceOfDistinct(rapid.SampledFrom(paths), rapid.ID).Draw(t, "entries") {
		spec.DataFrom = append(spec.DataFrom, v1alpha1.DataFrom{Entry: &v1alpha1.EntrySource{Path: path}})
	}
	if len(spec.Data)+len(spec.DataFrom) == 0 {
		spec.DataFrom = []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "a"}}}
	}
	return spec, have
}

// TestRenderIsDeterministic renders the same again from maps that were filled in another
// order, and leaves what it was given untouched.
func TestRenderIsDeterministic(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		spec, have := drawSync(rt)
		before := fmt.Sprint(have)
		first, firstErr := renderOf(spec, sourcesOf(t, spec, have))
		for range 3 {
			again, err := renderOf(spec, sourcesOf(t, spec, have))
			if fmt.Sprint(err) != fmt.Sprint(firstErr) {
				rt.Fatalf("Render = %v, then %v", firstErr, err)
			}
			if !again.Equal(first) {
				rt.Fatal("Render gives other bytes the second time")
			}
		}
		if firstErr != nil && !fault.Is(firstErr, fault.InvalidContent) {
			rt.Errorf("Render = %v, want InvalidContent", firstErr)
		}
		if after := fmt.Sprint(have); after != before {
			rt.Error("Render changed its input")
		}
	})
}

// TestRenderKeepsTheMeaningOfJSON decodes what was rendered and compares.
func TestRenderKeepsTheMeaningOfJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := drawJSON(rt)
		spec := specOf(t, `{dataFrom: [{entry: {path: app}}]}`)
		content, err := renderOf(spec, sourcesOf(t, spec, entries{"app": {"x": text}}))
		if err != nil {
			rt.Fatalf("Render: %v", err)
		}
		want, got := decoded(rt, []byte(text)), content.Data["x"].Reveal()
		switch node := want.(type) {
		case string:
			if string(got) != node {
				rt.Errorf("rendered %q, want %q", got, node)
			}
		case json.Number:
			if string(got) != node.String() {
				rt.Errorf("rendered %q, want the digits %q", got, node)
			}
		default:
			if diff := cmp.Diff(want, decoded(rt, got)); diff != "" {
				rt.Errorf("(-want +got):\n%s", diff)
			}
		}
	})
}

func decoded(t *rapid.T, text []byte) any {
	var node any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&node); err != nil {
		t.Fatalf("%q is no JSON: %v", text, err)
	}
	return node
}

// TestErrorsHoldNoValue puts a marker into every value, breaks the values in many ways
// and looks for the marker, and for the words of errors that quote their input.
func TestErrorsHoldNoValue(t *testing.T) {
	const marker = "mArKeR-7f3a"
	forbidden := []string{
		marker, hex.EncodeToString([]byte(marker)), url.QueryEscape(marker), "invalid character", "illegal base64",
		base64.RawStdEncoding.EncodeToString([]byte(marker))[:12],
		base64.RawStdEncoding.EncodeToString([]byte("x" + marker))[4:12],
		base64.RawStdEncoding.EncodeToString([]byte("xx" + marker))[4:12],
	}
	refused := 0
	rapid.Check(t, func(rt *rapid.T) {
		spec, have := drawSync(rt)
		for _, fields := range have {
			for name := range maps.Clone(fields) {
				fields[name] = rapid.SampledFrom([]string{
					marker, `"` + marker, `"` + marker + `\ud800"`, "\"\xff" + marker + `"`, `"` + marker + `"`,
					`{"` + marker + `": "` + marker + `"}`, `{"a": {"c": "` + marker + `"}}`, `["` + marker + `", null]`,
					`"{\"a\": \"` + marker + `\"}"`, `"[\"` + marker + `\""`, `{"` + marker + `": 1, "` + marker + `": 2}`,
					`"` + base64.StdEncoding.EncodeToString([]byte(marker)) + `="`, `1` + marker, `null`,
				}).Draw(rt, "value")
			}
		}
		spec.Target.Type = rapid.SampledFrom([]string{"", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson"}).Draw(rt, "type")
		_, err := renderOf(spec, sourcesOf(t, spec, have))
		if err == nil {
			return
		}
		refused++
		for ; err != nil; err = errors.Unwrap(err) {
			text := fmt.Sprintf("%v %+v %#v", err, err, err)
			for _, part := range forbidden {
				if strings.Contains(text, part) {
					rt.Errorf("the error holds %q: %s", part, text)
				}
			}
		}
	})
	if refused == 0 {
		t.Error("nothing was refused, so that nothing was proven")
	}
}
