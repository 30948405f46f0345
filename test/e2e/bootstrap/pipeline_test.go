// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/githubactions"
)

const repository = "../../.."

// TestPipelinesAreThoseOfTheirPlan: the files that people copy are what the helper writes.
func TestPipelinesAreThoseOfTheirPlan(t *testing.T) {
	for kind, file := range map[string]string{"github": "github/workflow.yaml", "atlantis": "atlantis/workflows.yaml"} {
		command := exec.CommandContext(t.Context(), helper(t), "export-template", kind)
		command.Dir = filepath.Join(repository, "docs/integrations/github")
		got, err := command.Output()
		must(t, err)
		want, err := os.ReadFile(filepath.Join(repository, "docs/integrations", file))
		must(t, err)
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what export-template %s writes:\n%s", file, kind, diff)
		}
	}
}

// action is the one of this repository.
const action = "secretsync/secretsync/.github/actions/bootstrap"

// runner is GitHub's in the folder of a world.
type runner struct {
	*world
	*githubactions.Runner
}

// action runs the composite action of this repository.
func (r *runner) action(t *testing.T, inputs map[string]string) int {
	t.Helper()
	return r.Action(t, r.Actions[action], inputs)
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	must(t, yaml.Unmarshal(text, into))
}

// newRunner is a runner with a release of the helper, and a repository with a plan.
func newRunner(t *testing.T) *runner {
	t.Helper()
	return newRunnerOf(
		t, githubactions.Start(t, githubactions.Job("prod")),
		"{name: hcloud, stage: infra, from: {env: HCLOUD}, to: [{terraformVariable: hcloud_token}]}",
		"{name: vcs, stage: cluster, from: {env: GH}, to: [{kubernetesSecret: NS/vcs, key: token}]}",
		"{name: stripe, stage: vault, from: {env: STRIPE}, to: [{vault: NS/stripe, field: key}]}",
		"{name: db, stage: vault, only: [prod], generate: {password: 32}, to: [{vault: NS/db, field: password}]}",
	)
}

// newRunnerOf is the same for a plan with these values.
func newRunnerOf(t *testing.T, issuer *githubactions.Issuer, values ...string) *runner {
	t.Helper()
	w := newWorld(t)
	w.plan(t, values...)
	w.believe(t, issuer)
	must(t, os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(terraformText), 0o600))

	terraform, err := binaries.Path(binaries.Terraform)
	must(t, err)
	tools := filepath.Join(w.dir, "tools")
	must(t, os.Mkdir(tools, 0o700))
	must(t, os.Symlink(terraform, filepath.Join(tools, "terraform")))
	temp := filepath.Join(w.dir, "runner")
	must(t, os.Mkdir(temp, 0o700))
	folder, err := filepath.Abs(filepath.Join(repository, ".github/actions/bootstrap"))
	must(t, err)
	r := &runner{world: w, Runner: &githubactions.Runner{
		Dir: w.dir, Expressions: map[string]string{}, Actions: map[string]string{action: folder},
		Inputs: map[string]string{"releases": "file://" + filepath.Join(w.dir, "releases")},
	}}
	summary, outputs := w.onGitHub(t, "push", "{}")
	r.Env = map[string]string{
		"PATH": tools + ":" + os.Getenv("PATH"), "HOME": w.dir, "KUBECONFIG": w.Kubeconfig(), "VAULT_TOKEN": w.env["VAULT_TOKEN"],
		"RUNNER_TEMP": temp,
		"GITHUB_PATH": filepath.Join(w.dir, "path"), "GITHUB_STEP_SUMMARY": summary, "GITHUB_OUTPUT": outputs,
		"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1",
	}
	maps.Copy(r.Env, githubactions.Machine())
	for name, value := range w.env {
		if strings.HasPrefix(name, "GITHUB_") || strings.HasPrefix(name, "ACTIONS_") || name == "SSL_CERT_FILE" {
			r.Env[name] = value
		}
	}
	for name, value := range map[string]string{"HCLOUD": w.marks.Token("hcloud"), "GH": w.marks.Token("github"), "STRIPE": w.marks.Token("stripe")} {
		r.Expressions["secrets."+name] = value
	}
	githubactions.Release(t, filepath.Join(w.dir, "releases"), "v0.1.0", helper(t))
	return r
}

// terraformText shows what a command was given without keeping it: the variable is ephemeral.
const terraformText = `variable "hcloud_token" {
  type      = string
  ephemeral = true
}
resource "terraform_data" "server" {
  input = "server-1"
  provisioner "local-exec" {
    command     = "printf %s \"$TOKEN\" | sha256sum | cut -c1-64 > proof"
    environment = { TOKEN = var.hcloud_token }
  }
}
`

// TestWorkflow runs the jobs that export-template writes, step by step.
func TestWorkflow(t *testing.T) {
	r := newRunner(t)
	workflow := r.workflow(t, "prod")
	for _, job := range []string{"validate", "prod"} {
		steps := workflow.Jobs[job].Steps
		if len(steps) < 3 {
			t.Fatalf("job %s has %d steps", job, len(steps))
		}
		if code := r.Job(t, steps); code != 0 {
			t.Fatalf("job %s ends with %d", job, code)
		}
	}
	proof, err := os.ReadFile(filepath.Join(r.dir, "proof"))
	must(t, err)
	if want := fmt.Sprintf("%x\n", sha256.Sum256([]byte(r.Expressions["secrets.HCLOUD"]))); string(proof) != want {
		t.Error("Terraform was given another value")
	}
	if r.entry(t, "stripe", "key") != r.Expressions["secrets.STRIPE"] || r.secret(t, "vcs", "token") != r.Expressions["secrets.GH"] {
		t.Error("a value is not where it belongs")
	}
	password := r.entry(t, "db", "password")
	r.marks.Add("password", password)
	said := strings.ReplaceAll(r.Output.String(), "::add-mask::"+password+"\n", "")
	if said == r.Output.String() {
		t.Error("what was generated is not masked")
	}
	texts := map[string]string{"the log": said}
	for _, name := range []string{"terraform.tfstate", "tfplan", "summary.md", "outputs"} {
		text, err := os.ReadFile(filepath.Join(r.dir, name))
		must(t, err)
		texts[name] = string(text)
	}
	for where, text := range texts {
		for _, finding := range r.marks.Find(text) {
			t.Errorf("%s: %s", where, finding)
		}
	}
}

// workflow returns what export-template writes for environments.
func (r *runner) workflow(t *testing.T, environments ...string) githubactions.Workflow {
	t.Helper()
	args := []string{"export-template", "github"}
	for _, environment := range environments {
		args = append(args, "-e", environment)
	}
	file := filepath.Join(r.dir, "workflow.yaml")
	must(t, os.WriteFile(file, []byte(r.run(t, args...).want(t, 0).stdout), 0o600))
	var workflow githubactions.Workflow
	read(t, file, &workflow)
	return workflow
}

// TestActionRunsWords, none of which is taken for a script, and installs nothing but what the
// release lists.
func TestActionRunsWords(t *testing.T) {
	r := newRunner(t)
	r.Expressions["github.action_ref"] = "v0.1.0"
	if code := r.action(t, map[string]string{"args": "validate -f bootstrap.yaml"}); code != 0 {
		t.Errorf("ended with %d", code)
	}
	if code := r.action(t, map[string]string{"args": "validate; touch $(echo hacked) hacked"}); code != 3 {
		t.Errorf("a script ended with %d", code)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "hacked")); err == nil {
		t.Error("the words were taken for a script")
	}
	for _, version := range []string{"main", "", "v0.1.0/../v0.1.0", "v0.1.0; true"} {
		if code := r.action(t, map[string]string{"version": version}); code == 0 {
			t.Errorf("version %q was installed", version)
		}
	}
	checksums := filepath.Join(r.dir, "releases/v0.1.0/checksums.txt")
	text, err := os.ReadFile(checksums)
	must(t, err)
	for _, wrong := range []string{"", strings.Repeat("0", 64) + string(text[64:])} {
		must(t, os.WriteFile(checksums, []byte(wrong), 0o600))
		if code := r.action(t, nil); code == 0 {
			t.Errorf("installed with the checksums %q", wrong)
		}
	}
}

// TestAtlantis runs the server's workflow as Atlantis does: each step by a shell of its own,
// which has the server's whole environment.
func TestAtlantis(t *testing.T) {
	r := newRunner(t)
	var server struct {
		Workflows map[string]struct {
			Plan, Apply struct{ Steps []githubactions.Step }
		}
	}
	must(t, os.WriteFile(filepath.Join(r.dir, "workflows.yaml"), []byte(r.run(t, "export-template", "atlantis", "-e", "prod").want(t, 0).stdout), 0o600))
	read(t, filepath.Join(r.dir, "workflows.yaml"), &server)
	workflow := server.Workflows["secretsync-prod"]
	if len(workflow.Plan.Steps) != 3 || len(workflow.Apply.Steps) != 1 {
		t.Fatalf("got %+v", workflow)
	}
	said := ""
	for _, s := range append(workflow.Plan.Steps, workflow.Apply.Steps...) {
		command := exec.CommandContext(t.Context(), "sh", "-c", s.Run)
		command.Dir = r.dir
		command.Env = []string{
			"PATH=" + filepath.Dir(helper(t)) + ":" + r.Env["PATH"], "HOME=" + r.dir, "PLANFILE=" + filepath.Join(r.dir, "default.tfplan"), "WORKSPACE=default",
			"CHECKPOINT_DISABLE=1", "HCLOUD=" + r.Expressions["secrets.HCLOUD"], "GH=" + r.Expressions["secrets.GH"], "VAULT_TOKEN=" + r.Env["VAULT_TOKEN"],
		}
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", s.Run, err, output)
		}
		said += string(output)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "proof")); err != nil {
		t.Error("nothing was applied")
	}
	for _, finding := range r.marks.Find(said) {
		t.Error(finding)
	}
}
