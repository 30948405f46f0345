// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/template"
)

// golden is one file of testdata/golden.
type golden struct {
	Reason string            `json:"reason"`
	Values map[string]string `json:"values"`
	Data   map[string]string `json:"data"`
	Object string            `json:"object"`
	Want   struct {
		Data       map[string][]byte `json:"data"`
		StringData map[string]string `json:"stringData"`
	} `json:"want"`
}

// texts returns the templates of a file, sorted by key.
func (g *golden) texts() []template.Text {
	var texts []template.Text
	for _, key := range slices.Sorted(maps.Keys(g.Data)) {
		texts = append(texts, template.Text{Place: key, Key: key, Text: g.Data[key]})
	}
	if g.Object != "" {
		texts = append(texts, template.Text{Place: "object", Text: g.Object})
	}
	return texts
}

func (g *golden) render(t *testing.T) map[string]string {
	t.Helper()
	set, err := template.Parse(g.texts())
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	made, err := set.Render(names(), valuesOf(g.Values))
	if err != nil {
		t.Fatalf("Render: %v", err)
	}
	got := map[string]string{}
	for key, value := range made {
		got[key] = string(value.Reveal())
	}
	return got
}

func goldenFiles(t *testing.T) map[string]*golden {
	t.Helper()
	files, err := filepath.Glob("testdata/golden/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("finding golden files: %d found, error %v", len(files), err)
	}
	all := map[string]*golden{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[file] = &golden{}
		if err := yaml.UnmarshalStrict(text, all[file]); err != nil {
			t.Fatalf("parsing %s: %v", file, err)
		}
	}
	return all
}

func TestTemplatesKeepTheBytesOfEveryRelease(t *testing.T) {
	for file, g := range goldenFiles(t) {
		t.Run(file, func(t *testing.T) {
			want := maps.Clone(g.Want.StringData)
			if want == nil {
				want = map[string]string{}
			}
			for key, value := range g.Want.Data {
				want[key] = string(value)
			}
			if diff := cmp.Diff(want, g.render(t)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", g.Reason, diff)
			}
		})
	}
}

// TestEveryFunctionIsGolden: each function is in a golden file.
func TestEveryFunctionIsGolden(t *testing.T) {
	words := map[string]bool{}
	word := regexp.MustCompile(`[A-Za-z][A-Za-z0-9]*`)
	for _, g := range goldenFiles(t) {
		for _, text := range g.texts() {
			for _, w := range word.FindAllString(text.Text, -1) {
				words[w] = true
			}
		}
	}
	for _, name := range template.Functions() {
		if !words[name] && name != "fail" { // Which never makes bytes.
			t.Errorf("%s is in no golden file", name)
		}
	}
}
