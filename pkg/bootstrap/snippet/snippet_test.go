// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package snippet_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/snippet"
)

// TestNamesOfEnvironmentsStayNames, whatever GitHub calls them.
func TestNamesOfEnvironmentsStayNames(t *testing.T) {
	for _, claim := range []string{"prod", "prod # eu", "eu: prod", "\"eu\"", "7", "no", "prod\\eu", "Zürich"} {
		p := &plan.Plan{Stages: []string{"infra"}, Environments: map[string]plan.Environment{"prod": {GitHub: &plan.GitHub{Environment: claim}}}}
		var workflow struct {
			Jobs map[string]struct{ Environment any }
		}
		if err := yaml.Unmarshal([]byte(snippet.GitHub(p, snippet.Options{Environments: []string{"prod"}, Version: "v0.1.0"})), &workflow); err != nil {
			t.Errorf("%q: %v", claim, err)
		}
		if got := workflow.Jobs["prod"].Environment; got != claim {
			t.Errorf("environment %v, want %q", got, claim)
		}
	}
}

// step and job are what the tests look at.
type step struct {
	Uses, If, Run string
	Env, With     map[string]string
}

type job struct {
	If, Environment string
	Needs           any
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
	want := map[string][]string{"infra": {"HCLOUD_TOKEN", "R2_ACCESS_KEY_ID"}, "cluster": {"ATLANTIS_GH_TOKEN"}, "vault": {"SECRETSYNC_FINGERPRINT_KEY", "STRIPE_KEY"}}
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

// TestEnvironmentsThatCompareGoOneAfterTheOther, each with what the one before has left; others do not.
func TestEnvironmentsThatCompareGoOneAfterTheOther(t *testing.T) {
	o := options()
	o.Environments = []string{"test", "prod"}
	text := snippet.GitHub(example(t), o)
	all := jobs(t, text)
	if diff := cmp.Diff([]any{"validate", "test"}, all["prod"].Needs); diff != "" || all["test"].Needs != "validate" {
		t.Error(diff, all["test"].Needs)
	}
	for name, want := range map[string]string{"test": "", "prod": "true"} {
		steps := all[name].Steps
		restore, save := steps[2], steps[len(steps)-1]
		if restore.Uses != "actions/cache/restore@v5" || restore.With["fail-on-cache-miss"] != want || restore.With["path"] != "fingerprints.json" {
			t.Errorf("%s: %+v", name, restore)
		}
		if save.Uses != "actions/cache/save@v5" || save.If != "always()" || !strings.HasSuffix(save.With["key"], "-"+name) {
			t.Errorf("%s: %+v", name, save)
		}
	}
	p := example(t)
	for i := range p.Values {
		p.Values[i].DistinctPerEnvironment = false
	}
	if text := snippet.GitHub(p, o); strings.Contains(text, "fingerprint") || jobs(t, text)["prod"].Needs != "validate" {
		t.Errorf("nothing is to be compared:\n%s", text)
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
