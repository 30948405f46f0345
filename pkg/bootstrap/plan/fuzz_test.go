// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
)

// FuzzParse: whatever the text, there is a plan or a list of problems, and a plan written down
// is read again as the same plan.
func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/bootstrap.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(head + "- {name: a, stage: infra, from: {template: \"{value:a}\"}, to: [{vault: \"a/{instance}\", field: f}]}\n"))
	f.Add([]byte("a: &a [*a]\n? {b: c}\n: !!binary x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := plan.Parse(text)
		if err != nil {
			if problems, ok := errors.AsType[plan.Problems](err); !ok || len(problems) == 0 {
				t.Fatalf("not a list of problems: %v", err)
			}
			return
		}
		encoded, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		written, err := yaml.JSONToYAML(encoded)
		if err != nil {
			t.Fatal(err)
		}
		again, err := plan.Parse(written)
		if err != nil {
			t.Fatalf("the same plan is refused: %v\n%s", err, written)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Error(diff)
		}
	})
}
