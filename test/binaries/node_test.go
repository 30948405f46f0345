// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

const judge = "test/infisical/judges/node"

func TestNodeModulesNeedNPM(t *testing.T) {
	t.Setenv("SECRETSYNC_CACHE", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	if _, err := NodeModules(t.Context(), judge, io.Discard); !errors.Is(err, ErrNoNode) {
		t.Errorf("without npm: %v", err)
	}
	if _, err := NodeModules(t.Context(), "test/none", io.Discard); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a lock file: %v", err)
	}
}

// TestNodeModules has an npm that does no more than make the folder, or fails.
func TestNodeModules(t *testing.T) {
	t.Setenv("SECRETSYNC_CACHE", t.TempDir())
	path := t.TempDir()
	t.Setenv("PATH", path+":"+os.Getenv("PATH"))
	npm := func(script string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(path, "npm"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	npm("exit 1")
	if _, err := NodeModules(t.Context(), judge, io.Discard); err == nil {
		t.Fatal("npm failed, and nobody noticed")
	}
	npm("test -f package-lock.json && mkdir node_modules")
	first, err := NodeModules(t.Context(), judge, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(first); err != nil {
		t.Error(err)
	}
	npm("exit 1") // is not called again
	if second, err := NodeModules(t.Context(), judge, io.Discard); err != nil || second != first {
		t.Errorf("%q, then %q (%v)", first, second, err)
	}
}
