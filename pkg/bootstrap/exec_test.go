// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"testing"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/bootstrap"
)

// said is what a run of the helper in this process said, and how it ended.
type said struct {
	out, errOut string
	err         error
}

// run runs the helper with a plan of these values, and no server, in a folder of its own.
func run(t *testing.T, values string, environ []string, args ...string) said {
	t.Helper()
	t.Chdir(t.TempDir())
	text := "apiVersion: bootstrap.secretsync.io/v1alpha1\nkind: Bootstrap\nenvironments: {prod: {}}\nvalues:\n" + values
	const odd = "$(touch x)" // the plan can be named by a path through it
	if err := errors.Join(os.Mkdir(odd, 0o700), os.WriteFile("bootstrap.yaml", []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	root := bootstrap.New(bootstrap.Options{
		In: strings.NewReader(""), Out: &out, ErrOut: &errOut, Environ: append(environ, "PATH="+os.Getenv("PATH")),
		Unset: func(string) error { return nil }, Clock: clock.RealClock{}, Random: rand.Reader, Version: "v0.0.0",
	})
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return said{out: out.String(), errOut: errOut.String(), err: err}
}

// TestAFileThatCannotBeRemovedIsSaid, whatever the command's exit code is: it holds secrets.
func TestAFileThatCannotBeRemovedIsSaid(t *testing.T) {
	const values = "- {name: a, stage: infra, from: {env: A}, to: [{tfvarsFile: a.tfvars.json, variable: a}]}\n"
	for code, script := range map[int]string{
		0: "rm a.tfvars.json && mkdir -p a.tfvars.json/x", 7: "rm a.tfvars.json && mkdir -p a.tfvars.json/x; exit 7",
	} {
		got := run(t, values, []string{"A=hunter2hunter2"}, "exec", "-e", "prod", "--no-oidc", "--", "/bin/sh", "-c", script)
		told := got.errOut
		if got.err != nil && !bootstrap.Silent(got.err) {
			told += got.err.Error()
		}
		if !strings.Contains(told, "REMOVE IT BY HAND") || !strings.Contains(told, "a.tfvars.json") {
			t.Errorf("exit code %d: nobody is told: %q", code, told)
		}
		if want := max(code, bootstrap.ExitFailed); bootstrap.ExitCode(got.err) != want {
			t.Errorf("exit code %d, want %d", bootstrap.ExitCode(got.err), want)
		}
	}
}

// TestATemplateThatIsRequiredNeedsItsParts: what is silently left out would be missed much later.
func TestATemplateThatIsRequiredNeedsItsParts(t *testing.T) {
	const part = "- {name: part, stage: infra, from: {env: PART}, check: {required: false}}\n"
	const whole = "- {name: whole, stage: infra, from: {template: \"x{value:part}\"}, to: [{processEnv: WHOLE}]"
	exec := []string{"exec", "-e", "prod", "--no-oidc", "--", "/bin/sh", "-c", "printf '%s' \"${WHOLE-unset}\""}
	got := run(t, part+whole+"}\n", nil, exec...)
	if bootstrap.ExitCode(got.err) != bootstrap.ExitRefused || !strings.Contains(got.err.Error(), "value whole") || !strings.Contains(got.err.Error(), "value part") {
		t.Errorf("got %v, and the command said %q", got.err, got.out)
	}
	if got := run(t, part+whole+", check: {required: false}}\n", nil, exec...); got.err != nil || got.out != "unset" {
		t.Errorf("optional: got %v, and the command said %q", got.err, got.out)
	}
	if got := run(t, part+whole+"}\n", []string{"PART=y"}, exec...); got.err != nil || got.out != "xy" {
		t.Errorf("set: got %v, and the command said %q", got.err, got.out)
	}
}

// TestAnIssuerThatDoesNotAnswerIsNoRefusal: the run may be tried again.
func TestAnIssuerThatDoesNotAnswerIsNoRefusal(t *testing.T) {
	const values = "- {name: a, stage: infra, from: {env: A}, to: [{processEnv: A}]}\n"
	// Nothing listens on port 1.
	environ := []string{"ACTIONS_ID_TOKEN_REQUEST_URL=http://127.0.0.1:1/", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=hunter2"}
	if got := run(t, values, environ, "plan", "-e", "prod"); bootstrap.ExitCode(got.err) != bootstrap.ExitFailed {
		t.Errorf("exit code %d: %v", bootstrap.ExitCode(got.err), got.err)
	}
	if got := run(t, values, nil, "plan", "-e", "prod"); bootstrap.ExitCode(got.err) != bootstrap.ExitRefused {
		t.Errorf("no token: exit code %d: %v", bootstrap.ExitCode(got.err), got.err)
	}
}

// TestExportTemplateNamesPlainPathsOnly: what it writes is run by a shell.
func TestExportTemplateNamesPlainPathsOnly(t *testing.T) {
	const values = "- {name: a, stage: infra, from: {env: A}, to: [{processEnv: A}]}\n"
	for file, want := range map[string]int{"bootstrap.yaml": bootstrap.ExitDone, "./bootstrap.yaml": bootstrap.ExitDone, "$(touch x)/../bootstrap.yaml": bootstrap.ExitUsage} {
		got := run(t, values, nil, "export-template", "github", "-f", file)
		if bootstrap.ExitCode(got.err) != want {
			t.Errorf("%s: exit code %d, want %d: %v", file, bootstrap.ExitCode(got.err), want, got.err)
		}
	}
}
