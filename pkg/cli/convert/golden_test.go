// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/cli/convert"
)

// objectsOf reads the objects of a file.
func objectsOf(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), len(text))
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, object)
	}
}

// shown is a result as its golden file has it.
func shown(t *testing.T, result convert.Result) string {
	t.Helper()
	var text strings.Builder
	show := func(object any) {
		document, err := sigsyaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n")
		for line := range strings.Lines(string(document)) {
			if !strings.HasPrefix(line, "status: {}") && !strings.Contains(line, "creationTimestamp") {
				text.WriteString(line)
			}
		}
	}
	for _, backend := range result.Backends {
		show(backend)
	}
	for _, sync := range result.Syncs {
		show(sync)
	}
	for _, sync := range result.ClusterSyncs {
		show(sync)
	}
	for _, handover := range result.Handovers {
		fmt.Fprintf(&text, "# Secret %s: from %s to %s, changes %t\n", handover.Secret, handover.From, handover.Sync, handover.Changes)
	}
	for _, note := range result.Notes {
		fmt.Fprintf(&text, "# %s, %s: %s: %s\n", note.Object, note.Field, note.Kind, note.Message)
	}
	return text.String()
}

// TestConvert compares what objects become with what somebody read and found right.
func TestConvert(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("finding files: %d found, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			objects := objectsOf(t, file)
			got := shown(t, convert.Convert(objects, convert.Options{OperatorNamespace: "secretsync"}))
			want, err := os.ReadFile(filepath.Join("testdata", "golden", filepath.Base(file)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			rand.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
			if diff := cmp.Diff(got, shown(t, convert.Convert(objects, convert.Options{OperatorNamespace: "secretsync"}))); diff != "" {
				t.Errorf("the order of the objects matters: %s", diff)
			}
		})
	}
}
