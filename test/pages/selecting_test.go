// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// TestSelectingIsAsItSays renders each example of the guide, and compares the keys with those
// that stand below it.
func TestSelectingIsAsItSays(t *testing.T) {
	tried := 0
	for _, page := range all(t) {
		if page.Name != "docs/guides/selecting.md" {
			continue
		}
		blocks := page.Blocks()
		for i, block := range blocks {
			if block.Language != "yaml" {
				continue
			}
			tried++
			if i+1 == len(blocks) || blocks[i+1].Language != "text" {
				t.Errorf("%s: below it does not stand what becomes of each field", block.Where())
				continue
			}
			var sync v1alpha1.SecretSync
			if err := yaml.UnmarshalStrict([]byte(block.Text), &sync); err != nil {
				t.Fatalf("%s: %v", block.Where(), err)
			}
			have, want := told(t, blocks[i+1])
			if diff := cmp.Diff(want, rendered(t, block.Where(), &sync.Spec, have)); diff != "" {
				t.Errorf("%s (-told +rendered):\n%s", block.Where(), diff)
			}
		}
	}
	if tried < 4 {
		t.Errorf("%d examples were tried, want those of the guide", tried)
	}
}

// told reads lines of an entry's path, a field, and the key that it becomes or -. A field's
// value is where it is from.
func told(t *testing.T, block Block) (have map[string]map[string]string, want map[string]string) {
	t.Helper()
	have, want = map[string]map[string]string{}, map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(block.Text), "\n") {
		words := strings.Fields(line)
		if len(words) != 3 {
			t.Fatalf("%s: want path, field and key: %q", block.Where(), line)
		}
		path, field, key := words[0], words[1], words[2]
		if have[path] == nil {
			have[path] = map[string]string{}
		}
		have[path][field] = path + "#" + field
		if key != "-" {
			want[key] = have[path][field]
		}
	}
	return have, want
}

// rendered returns what a spec makes of the entries.
func rendered(t *testing.T, where string, spec *v1alpha1.SecretSyncSpec, have map[string]map[string]string) map[string]string {
	t.Helper()
	plan, err := render.NewPlan(spec, nil)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	var found []render.Found
	for at, want := range plan.Wants() {
		for path := range have {
			relative, inside := strings.CutPrefix(path, want.Path+"/")
			if want.List && inside && plan.Finds(at, relative) {
				found = append(found, render.Found{At: at, Path: path, Relative: relative})
			}
		}
	}
	plan, _ = plan.With(found)
	encode := func(text string) string { return text }
	if spec.DataFrom[0].Decode == v1alpha1.DecodeBase64 {
		encode = func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	}
	sources := make([]render.Source, len(plan.Wants()))
	for i, want := range plan.Wants() {
		sources[i] = render.Source{Path: want.Path, Fields: map[string]sensitive.Value{}}
		for field, value := range have[want.Path] {
			text, err := json.Marshal(encode(value))
			if err != nil {
				t.Fatal(err)
			}
			sources[i].Fields[field] = sensitive.New(text)
		}
	}
	content, err := plan.Render(sources)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	got := map[string]string{}
	for key, value := range content.Data {
		got[key] = string(value.Reveal())
	}
	return got
}
