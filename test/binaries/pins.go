// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// pins is what fixes all that a module builds.
type pins struct {
	mod, sum string // contents of go.mod and go.sum
}

func (m module) dir(root string) string { return filepath.Join(root, "test", m.folder) }

func (m module) readPins(root string) (pins, error) {
	mod, err := os.ReadFile(filepath.Join(m.dir(root), "go.mod"))
	if err != nil {
		return pins{}, fmt.Errorf("reading the pins of %s: %w", m.folder, err)
	}
	sum, err := os.ReadFile(filepath.Join(m.dir(root), "go.sum"))
	if err != nil {
		return pins{}, fmt.Errorf("reading the pins of %s: %w", m.folder, err)
	}
	return pins{mod: string(mod), sum: string(sum)}, nil
}

// key names the folder of the cache for what m builds with these pins. Anything that changes a binary changes it.
func (p pins) key(m module) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s/%s\n%q\n%q\n", runtime.GOOS, runtime.GOARCH, p.mod, p.sum)
	for _, b := range m.binaries {
		fmt.Fprintf(hash, "%s %q\n", b.name, b.buildArgs(p))
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

// version finds the version that go.mod requires of a module; it is empty if there is none.
func (p pins) version(module string) string {
	for line := range strings.Lines(p.mod) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && fields[0] == module && strings.HasPrefix(fields[1], "v") {
			return fields[1]
		}
	}
	return ""
}

// buildArgs are the arguments of `go build`, but for where the result goes.
func (b binary) buildArgs(p pins) []string {
	ldflags := "-s -w"
	if b.stamp != "" {
		version := p.version(b.source)
		major, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
		minor, _, _ := strings.Cut(rest, ".")
		ldflags += fmt.Sprintf(" -X %[1]s.gitVersion=%[2]s -X %[1]s.gitMajor=%[3]s -X %[1]s.gitMinor=%[4]s",
			b.stamp, version, major, minor)
	}
	args := []string{"-v", "-trimpath", "-buildvcs=false", "-ldflags", ldflags}
	if b.tags != "" {
		args = append(args, "-tags", b.tags)
	}
	return append(args, b.pkg)
}
