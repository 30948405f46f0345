// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEveryBinaryIsPinned(t *testing.T) {
	root, err := projectRoot()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range modules() {
		pins, err := m.readPins(root)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range m.binaries {
			if pins.version(b.source) == "" {
				t.Errorf("%s: the go.mod of %s pins no version of %s", b.name, m.folder, b.source)
			}
		}
	}
}

func TestMissingBinarySaysWhatToDo(t *testing.T) {
	t.Setenv("SECRETSYNC_CACHE", t.TempDir())
	if _, err := Path(Etcd); !errors.Is(err, ErrMissing) {
		t.Errorf("Path(%q) = %v, want an error that is ErrMissing", Etcd, err)
	}
}

func TestUnknownBinaryIsNotMissing(t *testing.T) {
	if _, err := Path("kubelet"); err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("Path of an unknown name = %v, want an error that building cannot cure", err)
	}
}

func TestKeyFollowsWhatIsBuilt(t *testing.T) {
	m := module{folder: "a", binaries: []binary{{name: "a", pkg: "example.test/a", source: "example.test/a", stamp: "v"}}}
	base := pins{mod: "require example.test/a v1.2.3\n", sum: "x"}
	tagged := module{folder: "a", binaries: []binary{{name: "a", pkg: "example.test/a", source: "example.test/a", stamp: "v", tags: "t"}}}

	cases := map[string]struct {
		reason string
		module module
		pins   pins
		same   bool
	}{
		"Unchanged": {reason: "the binary is the same", module: m, pins: base, same: true},
		"Version":   {reason: "another version", module: m, pins: pins{mod: "require example.test/a v1.2.4\n", sum: "x"}},
		"Sum":       {reason: "another dependency", module: m, pins: pins{mod: base.mod, sum: "y"}},
		"Shifted":   {reason: "the files' boundary counts", module: m, pins: pins{mod: base.mod + "x"}},
		"Tags":      {reason: "compiled otherwise", module: tagged, pins: base},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if same := base.key(m) == tc.pins.key(tc.module); same != tc.same {
				t.Errorf("%s: same key = %v, want %v", tc.reason, same, tc.same)
			}
		})
	}
}

func TestVersionIsStamped(t *testing.T) {
	b := binary{pkg: "p", source: "example.test/a", stamp: "s"}
	args := strings.Join(b.buildArgs(pins{mod: "require (\n\texample.test/a v1.36.3 // indirect\n)\n"}), " ")
	for _, want := range []string{"-X s.gitVersion=v1.36.3", "-X s.gitMajor=1", "-X s.gitMinor=36"} {
		if !strings.Contains(args, want) {
			t.Errorf("build arguments %q lack %q", args, want)
		}
	}
}

func TestFailedBuildShowsTheCompilersOutput(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":  "module broken\n\ngo 1.26.0\n",
		"main.go": "package main\n\nfunc main() { undefinedName() }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-v", "-o", os.DevNull, ".")
	cmd.Dir = dir
	err := compile(cmd, "broken", &bytes.Buffer{})
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(err.Error(), "undefined: undefinedName") {
		t.Errorf("compile = %v, want the exit status and the compiler's output", err)
	}
}

func TestProgressCountsAndKeepsTheRest(t *testing.T) {
	var p progress
	for _, piece := range []string{"go: downloading a v1\ngo: downl", "oading b v1\na/b\nc/d.v2\n# a/b\n./x.go:1:2: bad", "\nlast"} {
		if _, err := p.Write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := p.String(), "2 modules downloaded, 2 packages compiled"; got != want {
		t.Errorf("progress = %q, want %q", got, want)
	}
	if got, want := p.Messages(), "# a/b\n./x.go:1:2: bad\nlast"; got != want {
		t.Errorf("messages = %q, want %q", got, want)
	}
}

func TestSecondBuildWaitsForTheFirst(t *testing.T) {
	cache := t.TempDir()
	unlock, err := lock(cache, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	waiting, locked := make(lines), make(chan error, 1)
	go func() {
		unlock, err := lock(cache, waiting)
		if err == nil {
			unlock()
		}
		locked <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case <-waiting:
	case err := <-locked:
		t.Fatalf("the second build does not wait: %v", err)
	case <-ctx.Done():
		t.Fatal("the second build does not say that it waits")
	}
	unlock()
	select {
	case err := <-locked:
		if err != nil {
			t.Fatal(err)
		}
	case <-ctx.Done():
		t.Fatal("the second build does not get the lock")
	}
}

// lines is a writer whose reader gets each write.
type lines chan string

func (l lines) Write(text []byte) (int, error) {
	l <- string(text)
	return len(text), nil
}
