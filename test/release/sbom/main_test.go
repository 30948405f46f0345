// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBillNamesWhatWasLinked(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8", Path: "example.com/a/cmd/a", Main: debug.Module{Path: "example.com/a", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "example.com/z", Version: "v0.1.0", Sum: "h1:z"},
			{Path: "example.com/b", Version: "v0.2.0", Replace: &debug.Module{Path: "example.com/fork", Version: "v0.3.0", Sum: "h1:f"}},
		},
	}
	got := describe(info, "v1.2.3")
	if main := got.Metadata.Component; main.Type != "application" || main.Name != "example.com/a/cmd/a" || main.PURL != "pkg:golang/example.com/a@v1.2.3" {
		t.Errorf("want the program, got %+v", main)
	}
	var refs []string
	for _, c := range got.Components {
		refs = append(refs, c.Ref)
	}
	want := []string{"pkg:golang/example.com/fork@v0.3.0", "pkg:golang/example.com/z@v0.1.0", "pkg:golang/std@go1.26.8"}
	if diff := cmp.Diff(want, refs); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	if got.Components[0].Properties[0].Value != "h1:f" {
		t.Errorf("want the hash of what replaced, got %+v", got.Components[0])
	}
}

// TestBillOfARealProgram makes the bill of this very test.
func TestBillOfARealProgram(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "bill.json")
	if err := run([]string{program, "v1.0.0", file}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var bill document
	if err := json.Unmarshal(text, &bill); err != nil {
		t.Fatal(err)
	}
	if len(bill.Components) == 0 || bill.Components[len(bill.Components)-1].Name != "std" || bill.Metadata.Component.Version != "v1.0.0" {
		t.Errorf("want this program, and the standard library in it, got %s", text)
	}
}

func TestBillOfNoProgram(t *testing.T) {
	if err := run([]string{"main.go", "v1.0.0", filepath.Join(t.TempDir(), "bill.json")}); err == nil {
		t.Error("want an error for what is no program")
	}
}
