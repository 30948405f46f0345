// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package tfvars_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/bootstrap/tfvars"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func TestFileIsThereUntilItIsRemoved(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x.auto.tfvars.json")
	remove, err := tfvars.Write(folder, "x.auto.tfvars.json", map[string]sensitive.Value{"token": sensitive.FromString("a\"\n${b}"), "empty": {}})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v; want mode 0600", info, err)
	}
	text, err := os.ReadFile(path)
	var got map[string]string
	if err = errors.Join(err, json.Unmarshal(text, &got)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"token": "a\"\n${b}", "empty": ""}, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	for range 2 {
		if err := remove(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after removal: %v", err)
	}
}

func TestWhatIsThereIsLeft(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	target, link := filepath.Join(dir, "theirs"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(target, []byte("theirs"), 0o600), os.Symlink(target, link), os.Symlink(other, filepath.Join(dir, "away"))); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		path   string
		value  string
		class  fault.Class
		reason string
	}{
		"File":     {path: "theirs", class: fault.NotOwned, reason: tfvars.ReasonExists},
		"Link":     {path: "link", class: fault.NotOwned, reason: tfvars.ReasonExists},
		"NoFolder": {path: "no/file", class: fault.Rejected, reason: tfvars.ReasonNotWritten},
		// A checkout may hold links, and what lies behind one is not the plan's to name.
		"LinkedFolder": {path: "away/new", class: fault.Rejected, reason: tfvars.ReasonNotWritten},
		"NotText":      {path: "new", value: "\xff", class: fault.InvalidContent, reason: tfvars.ReasonNotText},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := tfvars.Write(dir, tc.path, map[string]sensitive.Value{"v": sensitive.FromString(tc.value)})
			if fault.ClassOf(err) != tc.class || fault.ReasonOf(err) != tc.reason {
				t.Errorf("%v, want %s/%s", err, tc.class, tc.reason)
			}
		})
	}
	if text, err := os.ReadFile(target); err != nil || string(text) != "theirs" {
		t.Errorf("%q, %v; want it as it was", text, err)
	}
}
