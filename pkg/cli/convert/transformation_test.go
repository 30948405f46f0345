// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/convert"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/pkg/template"
)

// TestTransformation renders what a VaultStaticSecret with templates becomes: they see every
// field, and what is served beside them is what includes and excludes leave.
func TestTransformation(t *testing.T) {
	fields := map[string]string{"user": "shop", "password": "pa\"ss: ü", "debug": "on"}
	cases := map[string]struct {
		transformation map[string]any
		want           map[string]string
	}{
		"TemplatesAlone": {
			transformation: map[string]any{"excludes": []any{".*"}},
			want:           map[string]string{"DSN": "shop:pa\"ss: ü@db"},
		},
		"Excluded": {
			transformation: map[string]any{"excludes": []any{"^pass", "^de.*g$"}},
			want:           map[string]string{"DSN": "shop:pa\"ss: ü@db", "user": "shop"},
		},
		"Included": {
			transformation: map[string]any{"includes": []any{"word", "user"}, "excludes": []any{"^user$"}},
			want:           map[string]string{"DSN": "shop:pa\"ss: ü@db", "password": "pa\"ss: ü"},
		},
		"NothingIsLeft": {
			transformation: map[string]any{"includes": []any{"nobody"}},
			want:           map[string]string{"DSN": "shop:pa\"ss: ü@db"},
		},
		"All": {
			transformation: map[string]any{},
			want:           map[string]string{"DSN": "shop:pa\"ss: ü@db", "user": "shop", "password": "pa\"ss: ü", "debug": "on"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.transformation["excludeRaw"] = true
			tc.transformation["templates"] = map[string]any{"DSN": map[string]any{"text": `{{ .Secrets.user }}:{{ get .Secrets "password" }}@db`}}
			objects := objectsOf(t, "testdata/vault-secrets.yaml")
			for _, object := range objects {
				if object.GetKind() == "VaultStaticSecret" && object.GetName() == "db" {
					if err := unstructured.SetNestedMap(object.Object, tc.transformation, "spec", "destination", "transformation"); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, sync := range convert.Convert(objects, convert.Options{}).Syncs {
				if sync.Name == "db" {
					if diff := cmp.Diff(tc.want, rendered(t, sync.Spec.Template, fields)); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				}
			}
		})
	}
}

// rendered returns what the operator makes of a template and values.
func rendered(t *testing.T, spec *v1alpha1.Template, values map[string]string) map[string]string {
	t.Helper()
	var texts []template.Text
	for key, text := range spec.Data {
		texts = append(texts, template.Text{Place: key, Key: key, Text: string(text)})
	}
	if spec.Object != "" {
		texts = append(texts, template.Text{Place: "object", Text: string(spec.Object)})
	}
	set, err := template.Parse(texts)
	if err != nil {
		t.Fatal(err)
	}
	known, got := map[string]sensitive.Value{}, map[string]string{}
	for key, value := range values {
		known[key] = sensitive.FromString(value)
		if spec.Values == v1alpha1.ValuesKeep {
			got[key] = value
		}
	}
	made, err := set.Render(template.Names{}, known)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range made {
		got[key] = string(value.Reveal())
	}
	return got
}
