// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package snippet_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/snippet"
)

// step and job are what the tests look at.
type step struct {
	Run string
	Env map[string]string
}

type job struct {
	If, Environment string
	Permissions     map[string]string
	Steps           []step
}

func jobs(t *testing.T, text string) map[string]job {
	t.Helper()
	var workflow struct{ Jobs map[string]job }
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	return workflow.Jobs
}

func parsed(t *testing.T, text string) *plan.Plan {
	t.Helper()
	p, err := plan.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func example(t *testing.T) *plan.Plan {
	t.Helper()
	text, err := os.ReadFile("../plan/testdata/bootstrap.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(text))
}

func options() snippet.Options {
	return snippet.Options{Environments: []string{"prod", "test"}, Version: "v1.2.3"}
}

// TestEachStepHasItsOwnSecrets: of its stage, by name, and validate has none.
func TestEachStepHasItsOwnSecrets(t *testing.T) {
	all := jobs(t, snippet.GitHub(example(t), options()))
	for _, s := range all["validate"].Steps {
		if len(s.Env) > 0 {
			t.Errorf("validate gets %v", s.Env)
		}
	}
	want := map[string][]string{"infra": {"HCLOUD_TOKEN", "R2_ACCESS_KEY_ID"}, "cluster": {"ATLANTIS_GH_TOKEN"}, "vault": {"STRIPE_KEY"}}
	seen := 0
	for _, s := range all["prod"].Steps {
		for stage, names := range want {
			if !strings.Contains(s.Run, "--stage "+stage) {
				continue
			}
			seen++
			for _, name := range names {
				if s.Env[name] != "${{ secrets."+name+" }}" || len(s.Env) != len(names) {
					t.Errorf("stage %s gets %v", stage, s.Env)
				}
			}
		}
	}
	if seen != 4 {
		t.Errorf("found %d steps with a stage", seen)
	}
}

func TestInstancesComeAndGo(t *testing.T) {
	all := jobs(t, snippet.GitHub(example(t), options()))
	if _, ok := all["prod-instance"]; ok {
		t.Error("prod has instances")
	}
	for _, name := range []string{"test-instance", "test-instance-ends"} {
		j := all[name]
		if !strings.Contains(j.If, "head.repo.full_name == github.repository") || j.Environment != "test" || j.Permissions["id-token"] != "write" {
			t.Errorf("%s: %+v", name, j)
		}
		last := j.Steps[len(j.Steps)-1]
		if !strings.Contains(last.Run, "--instance pr-${{ github.event.number }}") || len(last.Env) > 0 {
			t.Errorf("%s: %+v", name, last)
		}
	}
}

func TestAllSecretsAreAskedForOutLoud(t *testing.T) {
	p := parsed(t, "apiVersion: bootstrap.secretsync.io/v1alpha1\nkind: Bootstrap\nenvironments: {prod: {}}\nvalues:\n"+
		"- {name: a, stage: cluster, from: {allSecrets: A}, to: [{kubernetesSecret: a/b, key: c}]}\n")
	o := options()
	o.Environments, o.File = []string{"prod"}, "deploy/plan.yaml"
	steps := jobs(t, snippet.GitHub(p, o))["prod"].Steps
	last := steps[len(steps)-1]
	if last.Env["SECRETSYNC_ALL_SECRETS"] != "${{ toJSON(secrets) }}" || !strings.Contains(last.Run, "apply -f deploy/plan.yaml -e prod --stage cluster --allow-all-secrets") {
		t.Errorf("got %+v", last)
	}
}

// TestAtlantisNamesTheEnvironmentItself, and gives plan and apply the stages that are asked for.
func TestAtlantisNamesTheEnvironmentItself(t *testing.T) {
	o := options()
	o.PlanStage = "cluster"
	text := snippet.Atlantis(example(t), o)
	for _, want := range []string{
		"secretsync-prod:", "exec -e prod --no-oidc --stage cluster -- terraform plan", "exec -e prod --no-oidc --stage infra -- terraform apply", `"$PLANFILE"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "WORKSPACE") || !slices.Contains(strings.Split(text, "\n"), "  secretsync-test:") {
		t.Errorf("the environment is not the server's to say:\n%s", text)
	}
}
