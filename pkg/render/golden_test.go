// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// golden is one file of testdata/golden.
type golden struct {
	Reason  string                  `json:"reason"`
	Spec    v1alpha1.SecretSyncSpec `json:"spec"`
	Entries entries                 `json:"entries"`
	Want    struct {
		Type       string            `json:"type"`
		Data       map[string][]byte `json:"data"`
		StringData map[string]string `json:"stringData"`
	} `json:"want"`
}

func TestRenderKeepsTheBytesOfEveryRelease(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("finding golden files: %d found, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var g golden
			if err := yaml.UnmarshalStrict(text, &g); err != nil {
				t.Fatalf("parsing: %v", err)
			}
			_, content, err := renderAll(t, &g.Spec, g.Entries)
			if err != nil {
				t.Fatalf("Render: %v", err)
			}
			want := maps.Clone(g.Want.StringData)
			for key, value := range g.Want.Data {
				want[key] = string(value)
			}
			if diff := cmp.Diff(want, plain(content)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", g.Reason, diff)
			}
			if content.Type != g.Want.Type {
				t.Errorf("Type = %q, want %q", content.Type, g.Want.Type)
			}
		})
	}
}
