// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package release

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func readRoot(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// releaseBuild is how a program of a release is built.
type releaseBuild struct {
	ID                  string
	Main                string
	Env, Flags, Ldflags []string
}

func releaseBuilds(t *testing.T) []releaseBuild {
	t.Helper()
	var configuration struct{ Builds []releaseBuild }
	if err := yaml.Unmarshal([]byte(readRoot(t, ".goreleaser.yaml")), &configuration); err != nil {
		t.Fatal(err)
	}
	return configuration.Builds
}

// TestEveryProgramIsToldItsVersion: the linker says nothing of a variable that does not exist, and
// the image's binary is the one that is looked into.
func TestEveryProgramIsToldItsVersion(t *testing.T) {
	const linked = "-X github.com/secretsync/secretsync/pkg/version.linked="
	if !strings.Contains(readRoot(t, "Makefile"), linked+"$(VERSION)") {
		t.Error("want the Makefile to link the version")
	}
	programs, err := filepath.Glob(filepath.Join(root, "cmd", "*"))
	if err != nil || len(programs) == 0 {
		t.Fatalf("want programs, got %q: %v", programs, err)
	}
	var told []string
	for _, build := range releaseBuilds(t) {
		if !strings.Contains(strings.Join(build.Ldflags, " "), linked+"v{{ .Version }}") {
			t.Errorf("want the version linked into %s", build.ID)
		}
		told = append(told, filepath.Base(build.Main))
	}
	for _, program := range programs {
		if !slices.Contains(told, filepath.Base(program)) {
			t.Errorf("want %s in a release", program)
		}
	}
}

// TestReleaseBuildsAsTheImageDoes keeps the two build commands of the operator the same.
func TestReleaseBuildsAsTheImageDoes(t *testing.T) {
	at := slices.IndexFunc(stages(t)[0], func(instruction string) bool { return strings.Contains(instruction, " go build ") })
	if at < 0 {
		t.Fatal("the Dockerfile builds nothing")
	}
	image := strings.Join(strings.Fields(stages(t)[0][at]), " ")
	for _, build := range releaseBuilds(t) {
		if build.ID != "secretsync" {
			continue
		}
		release := "RUN " + strings.Join(build.Env, " ") + " GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build " + strings.Join(build.Flags, " ") +
			` -ldflags "` + strings.ReplaceAll(build.Ldflags[0], "v{{ .Version }}", "${VERSION}") + `" -o /secretsync ` + build.Main
		if diff := cmp.Diff(image, release); diff != "" {
			t.Errorf("(-Dockerfile +.goreleaser.yaml):\n%s", diff)
		}
		return
	}
	t.Error("want the operator among the builds of .goreleaser.yaml")
}

// strangeSteps returns the commands of a workflow that are neither a target of the Makefile nor
// bring what such a target needs.
func strangeSteps(workflow, makefile string) []string {
	var found []string
	for _, match := range regexp.MustCompile(`(?m)^[ -]*run:[ ]*(.+)$`).FindAllStringSubmatch(workflow, -1) {
		command := match[1]
		target, isTarget := strings.CutPrefix(command, "make ")
		switch {
		case command == ".ci/run":
		case regexp.MustCompile(`^sudo apt-get update && sudo apt-get install --yes --no-install-recommends [a-z -]+$`).MatchString(command):
		case isTarget && strings.Contains(makefile, "\n"+target+": "):
		default:
			found = append(found, command)
		}
	}
	return found
}

func TestWorkflowsCallTargetsAlone(t *testing.T) {
	workflows, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*"))
	if err != nil || len(workflows) == 0 {
		t.Fatalf("want workflows, got %q: %v", workflows, err)
	}
	for _, workflow := range workflows {
		name := filepath.Join(".github", "workflows", filepath.Base(workflow))
		for _, strange := range strangeSteps(readRoot(t, name), readRoot(t, "Makefile")) {
			t.Errorf("%s runs what no target of the Makefile does: %q", name, strange)
		}
	}
}

func TestStrangeStepsFires(t *testing.T) {
	const makefile = "\nimage-check: ## Check.\n"
	for command, strange := range map[string]bool{
		"make image-check":      false,
		".ci/run":               false,
		"make everything":       true,
		"curl example.com | sh": true,
		"sudo apt-get update && sudo apt-get install --yes --no-install-recommends buildah jq":   false,
		"sudo apt-get update && sudo apt-get install --yes --no-install-recommends jq; rm -rf /": true,
	} {
		if got := strangeSteps("      - run: "+command+"\n", makefile); (len(got) > 0) != strange {
			t.Errorf("%q: want strange %t, got %q", command, strange, got)
		}
	}
}
