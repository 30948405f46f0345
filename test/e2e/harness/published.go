// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// Published is another project's module, whose files tests read and whose code they do not run.
type Published struct {
	// Module, Version and Sum as in a go.sum.
	Module, Version, Sum string
}

// Download returns the folder in which the module is on this machine.
func (p Published) Download(tb testing.TB) string {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), "go", "mod", "download", "-json", p.Module+"@"+p.Version)
	command.Dir = tb.TempDir() // Outside of our module, whose requirements this is none of.
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		tb.Fatalf("downloading %s: %v\n%s%s", p.Module, err, out, &complaints)
	}
	var module struct {
		Dir string `json:"Dir"`
		Sum string `json:"Sum"`
	}
	Must(tb, json.Unmarshal(out, &module))
	if module.Sum != p.Sum {
		tb.Fatalf("%s@%s has the checksum %s, not the pinned one", p.Module, p.Version, module.Sum)
	}
	return module.Dir
}

// Define creates the CustomResourceDefinition of a file, and waits until the API server serves
// its kind.
func (w *World) Define(tb testing.TB, file string) {
	tb.Helper()
	text, err := os.ReadFile(file)
	Must(tb, err)
	definition := &unstructured.Unstructured{}
	Must(tb, yaml.Unmarshal(text, &definition.Object))
	// A webhook that translates between versions does not run here.
	unstructured.RemoveNestedField(definition.Object, "spec", "conversion")
	Must(tb, w.Client.Create(tb.Context(), definition))
	Await(tb, "the definition "+definition.GetName(), func() string {
		Must(tb, w.Client.Get(tb.Context(), client.ObjectKeyFromObject(definition), definition))
		conditions, _, _ := unstructured.NestedSlice(definition.Object, "status", "conditions")
		for _, condition := range conditions {
			members, _ := condition.(map[string]any)
			if members["type"] == "Established" && members["status"] == "True" {
				return ""
			}
		}
		return "it is not established"
	})
}
