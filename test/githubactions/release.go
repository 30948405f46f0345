// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package githubactions

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Release makes the folder of a release in a folder of releases: a program for this machine, in
// an archive that is called after it, and the list of checksums.
func Release(tb testing.TB, releases, version, program string) {
	tb.Helper()
	folder := filepath.Join(releases, version)
	must(tb, os.MkdirAll(folder, 0o700))
	archive := fmt.Sprintf("%s_%s_linux_%s.tar.gz", filepath.Base(program), strings.TrimPrefix(version, "v"), runtime.GOARCH)
	must(tb, exec.CommandContext(tb.Context(), "tar", "-czf", filepath.Join(folder, archive), "-C", filepath.Dir(program), filepath.Base(program)).Run())
	content, err := os.ReadFile(filepath.Join(folder, archive))
	must(tb, err)
	must(tb, os.WriteFile(filepath.Join(folder, "checksums.txt"), fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(content), archive), 0o600))
}

// Machine returns the variables by which a runner tells what it is.
func Machine() map[string]string {
	return map[string]string{"RUNNER_OS": "Linux", "RUNNER_ARCH": map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH]}
}
