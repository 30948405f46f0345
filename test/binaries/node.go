// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrNoNode means that a program of Node.js is missing, which this package does not build.
var ErrNoNode = errors.New("install Node.js 18 or newer with npm (on Debian: nodejs npm)")

// NodeModules returns the folder node_modules with what a lock file pins, installing it into the
// cache unless it is there. The folder is relative to the project and holds package.json and
// package-lock.json. No script of a package is run.
func NodeModules(ctx context.Context, folder string, out io.Writer) (string, error) {
	root, err := projectRoot()
	if err != nil {
		return "", err
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	pinned := map[string][]byte{}
	for _, name := range []string{"package.json", "package-lock.json"} {
		if pinned[name], err = os.ReadFile(filepath.Join(root, folder, name)); err != nil {
			return "", fmt.Errorf("reading the pins of %s: %w", folder, err)
		}
		fmt.Fprintf(hash, "%s %q\n", name, pinned[name])
	}
	dir := filepath.Join(cache, "node", hex.EncodeToString(hash.Sum(nil))[:16])
	modules := filepath.Join(dir, "node_modules")
	if _, err := os.Stat(modules); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return modules, err
	}
	unlock, err := lock(cache, out)
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(modules); err == nil {
		return modules, nil // somebody else has installed it meanwhile
	}
	return modules, install(ctx, dir, pinned)
}

// install has npm fill a folder. What may lie at the folder of its work is left of an install that was killed.
func install(ctx context.Context, dir string, pinned map[string][]byte) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("npm is missing: %w", ErrNoNode)
	}
	unfinished := dir + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("preparing the cache: %w", err)
	}
	if err := os.MkdirAll(unfinished, 0o755); err != nil {
		return fmt.Errorf("preparing the cache: %w", err)
	}
	for name, text := range pinned {
		if err := os.WriteFile(filepath.Join(unfinished, name), text, 0o644); err != nil {
			return fmt.Errorf("preparing the cache: %w", err)
		}
	}
	cmd := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	cmd.Dir = unfinished
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("installing with npm: %w\n%s", err, said)
	}
	if err := os.Rename(unfinished, dir); err != nil {
		return fmt.Errorf("installing with npm: %w", err)
	}
	return nil
}
