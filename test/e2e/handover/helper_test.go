// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package handover

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/githubactions"
	"github.com/secretsync/secretsync/test/marker"
)

var suite = harness.NewInstalledSuite(cluster.AuditMetadata).WithNewVault().Serving("payments") //nolint:gochecknoglobals // One world serves the package.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// user is who the helper is at the API server.
const user = "bootstrap"

// house is the world, with the folder that a job of corp/shop has checked out.
type house struct {
	*harness.Installed

	issuer *githubactions.Issuer
	marks  marker.Set
	dir    string
	binary string
	// secrets are those of the repository, by the name of their variable.
	secrets map[string]string
	// said is all that the helper and its commands said, by what was run.
	said map[string]string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{
		Installed: suite.Get(t), issuer: githubactions.Start(t, githubactions.Job("prod")),
		dir: t.TempDir(), secrets: map[string]string{}, said: map[string]string{},
	}
	h.binary = filepath.Join(t.TempDir(), "secretsync-bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-race", "-o", h.binary, "./cmd/secretsync-bootstrap")
	build.Dir = "../../.."
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the helper: %v\n%s", err, output)
	}
	for _, name := range []string{"R2_ACCESS_KEY_ID", "HCLOUD_TOKEN", "ATLANTIS_GH_TOKEN", "STRIPE_KEY"} {
		h.secrets[name] = h.marks.Token(name)
	}
	h.marks.Add("request token", h.issuer.RequestToken())
	h.write(t, "issuer.pem", string(h.issuer.CA()), 0o600)
	h.write(t, "vault.pem", string(h.Vault.CA()), 0o600)
	h.write(t, "event.json", "{}", 0o600)
	return h
}

func (h *house) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	harness.Must(t, os.WriteFile(filepath.Join(h.dir, name), []byte(text), mode))
}

func (h *house) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, name))
	harness.Must(t, err)
	return string(text)
}

// job is the environment of a job of GitHub's for an environment.
func (h *house) job(environment string) map[string]string {
	h.issuer.Claim(githubactions.Job(environment))
	env := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": h.dir, "KUBECONFIG": "kubeconfig.yaml", "SSL_CERT_FILE": "issuer.pem",
		"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REPOSITORY": "corp/shop", "GITHUB_ACTOR": "octocat",
		"GITHUB_EVENT_PATH": "event.json", "GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_OUTPUT": "output.txt",
		"ACTIONS_ID_TOKEN_REQUEST_URL": h.issuer.RequestURL(), "ACTIONS_ID_TOKEN_REQUEST_TOKEN": h.issuer.RequestToken(),
		"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0",
	}
	maps.Copy(env, h.secrets)
	return env
}

// result is how a run ended.
type result struct {
	code int
	text string
}

// run runs the helper in the job of an environment, meanwhile looks at every process, and
// afterwards searches what was said.
func (h *house) run(t *testing.T, environment string, args ...string) result {
	t.Helper()
	return h.runIn(t, h.job(environment), args...)
}

func (h *house) runIn(t *testing.T, env map[string]string, args ...string) result {
	t.Helper()
	command := exec.CommandContext(t.Context(), h.binary, args...)
	command.Dir = h.dir
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	harness.Must(t, command.Start())
	ended, watch := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { h.watch(ended, t, command.Process.Pid) })
	err := command.Wait()
	watch()
	group.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	r := result{code: command.ProcessState.ExitCode(), text: unmasked(output.String())}
	h.said[fmt.Sprintf("%d: %q", len(h.said), args)] = r.text
	return r
}

// unmasked leaves out the commands by which GitHub is told what to mask: those hold what they
// are to hide, and GitHub shows none of them.
func unmasked(text string) string {
	var rest strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "::add-mask::") {
			rest.WriteString(line)
		}
	}
	return rest.String()
}

// want checks how a run ended and that it said these words.
func (r result) want(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\n%s", r.code, code, r.text)
	}
	for _, word := range words {
		if !strings.Contains(r.text, word) {
			t.Errorf("nothing says %q:\n%s", word, r.text)
		}
	}
}

// wantNothingShown searches all that anybody could see for every secret.
func (h *house) wantNothingShown(t *testing.T) {
	t.Helper()
	said := h.said
	said["operator's log"] = h.Operator.Log()
	harness.Must(t, filepath.WalkDir(h.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		said[path] = string(text)
		return err
	}))
	for where, text := range said {
		for _, finding := range h.marks.Find(text) {
			t.Errorf("%s: %s", where, finding)
		}
	}
}
