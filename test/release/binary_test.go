// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package release

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const (
	// root is the repository's top level, seen from this package.
	root = "../.."
	// version is what the binaries are told that they are.
	version = "v9.8.7-test"
)

// stages returns the instructions of the Dockerfile, stage by stage, with joined lines.
func stages(t *testing.T) [][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	var found [][]string
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", "")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "FROM "):
			found = append(found, []string{line})
		default:
			found[len(found)-1] = append(found[len(found)-1], line)
		}
	}
	return found
}

// TestImageIsTheBinaryAlone reads the last stage; `make image-check` builds it.
func TestImageIsTheBinaryAlone(t *testing.T) {
	all := stages(t)
	want := []string{
		"FROM scratch",
		"COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
		"COPY --from=build /secretsync /secretsync",
		"USER 65532:65532",
		`ENTRYPOINT ["/secretsync"]`,
	}
	if got := all[len(all)-1]; strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("want\n%s\ngot\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}

// buildAsTheDockerfile runs the Dockerfile's own build command on a copy of what it copies, in a
// folder of its own.
func buildAsTheDockerfile(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "built")
	ran := false
	for _, instruction := range stages(t)[0] {
		verb, rest, _ := strings.Cut(instruction, " ")
		switch {
		case verb == "COPY":
			fields := strings.Fields(rest)
			copyIn := exec.CommandContext(t.Context(), "cp", append([]string{"-r", "-t", dir}, fields[:len(fields)-1]...)...)
			copyIn.Dir = root
			if out, err := copyIn.CombinedOutput(); err != nil {
				t.Fatalf("copying %q: %v\n%s", rest, err, out)
			}
		case verb == "RUN" && strings.Contains(rest, " go build "):
			ran = true
			build := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(rest, "-o /secretsync", "-o "+binary, 1))
			build.Dir = dir
			build.Env = append(os.Environ(), "VERSION="+version, "TARGETOS="+runtime.GOOS, "TARGETARCH="+runtime.GOARCH)
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("running %q: %v\n%s", rest, err, out)
			}
		}
	}
	if !ran {
		t.Fatal("the Dockerfile builds nothing")
	}
	return binary
}

func TestBinaryIsTheSameWhereverItIsBuilt(t *testing.T) {
	read := func(name string) []byte {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	first, second := buildAsTheDockerfile(t), buildAsTheDockerfile(t)
	content := read(first)
	if !bytes.Equal(content, read(second)) {
		t.Errorf("want the same bytes from two folders: %s, %s", first, second)
	}
	if !bytes.Contains(content, []byte(version)) {
		t.Errorf("want the version %q in the binary", version)
	}
	if bytes.Contains(content, []byte(filepath.Dir(first))) {
		t.Error("want no folder of the building machine in the binary")
	}
	isStatic(t, first)
	info, err := buildinfo.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	if settings["CGO_ENABLED"] != "0" || settings["-trimpath"] != "true" {
		t.Errorf("want a binary without C and without paths, got %v", settings)
	}
	// No environment, no home, no library path: as in an image of one file.
	help := exec.CommandContext(t.Context(), first, "--help")
	help.Env = []string{}
	if out, err := help.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--leader-elect")) {
		t.Errorf("want its flags, got %q: %v", out, err)
	}
}

// isStatic looks for what a binary needs at run time beside itself.
func isStatic(t *testing.T, name string) {
	t.Helper()
	file, err := elf.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, program := range file.Progs {
		if program.Type == elf.PT_INTERP {
			t.Error("want no interpreter: there is none in the image")
		}
	}
	// A binary without a dynamic section has no libraries, which is no error.
	libraries, err := file.ImportedLibraries()
	if err != nil || len(libraries) > 0 {
		t.Errorf("want no libraries, got %q: %v", libraries, err)
	}
}
