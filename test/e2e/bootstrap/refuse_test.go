// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/test/githubactions"
)

const sources = "{name: stripe, stage: vault, from: {env: STRIPE}, check: {minLength: 8}, to: [{vault: NS/stripe, field: key}]}"

// TestBadInput: each is told with value, field and remedy, and nothing is written.
func TestBadInput(t *testing.T) {
	w := newWorld(t)
	w.plan(t, sources, "{name: all, stage: cluster, from: {allSecrets: ONE}, to: [{kubernetesSecret: NS/all, key: one}]}")
	good := w.marks.Token("good")
	cases := map[string]struct {
		args  []string
		env   map[string]string
		code  int
		words []string
	}{
		"NoEnvironment":     {args: []string{"plan"}, code: 3, words: []string{"-e", "prod, test"}},
		"UnknownFlag":       {args: []string{"plan", "--moon"}, code: 3, words: []string{"usage: secretsync-bootstrap plan"}},
		"UnknownOutput":     {args: []string{"plan", "-e", "prod", "-o", "xml"}, code: 3, words: []string{"-o xml"}},
		"OtherEnvironment":  {args: []string{"plan", "-e", "moon", "--no-oidc"}, code: 3, words: []string{"moon", "prod, test"}},
		"OtherStage":        {args: []string{"plan", "-e", "prod", "--no-oidc", "--stage", "moon"}, code: 3, words: []string{"moon"}},
		"OtherInstance":     {args: []string{"plan", "-e", "test", "--no-oidc", "--instance", "main"}, code: 3, words: []string{"main", "pr-[0-9]+"}},
		"NoPlan":            {args: []string{"validate", "-f", "moon.yaml"}, code: 3, words: []string{"moon.yaml"}},
		"NotSet":            {args: []string{"apply", "-e", "prod", "--no-oidc", "--stage", "vault"}, code: 4, words: []string{"value stripe", "STRIPE", "not set"}},
		"Empty":             {args: []string{"apply", "-e", "prod", "--no-oidc", "--stage", "vault"}, env: map[string]string{"STRIPE": ""}, code: 4, words: []string{"value stripe", "STRIPE"}},
		"Placeholder":       {args: []string{"apply", "-e", "prod", "--no-oidc", "--stage", "vault"}, env: map[string]string{"STRIPE": "${{ secrets.STRIPE }}"}, code: 4, words: []string{"value stripe", "not expanded"}},
		"TooShort":          {args: []string{"apply", "-e", "prod", "--no-oidc", "--stage", "vault"}, env: map[string]string{"STRIPE": "abc"}, code: 4, words: []string{"value stripe", "8 bytes"}},
		"AllSecretsUnasked": {args: []string{"apply", "-e", "prod", "--no-oidc", "--stage", "cluster"}, env: map[string]string{"SECRETSYNC_ALL_SECRETS": `{"ONE":"` + good + `"}`}, code: 3, words: []string{"value all", "--allow-all-secrets"}},
		"AllSecretsBroken":  {args: []string{"apply", "-e", "prod", "--no-oidc", "--stage", "cluster", "--allow-all-secrets"}, env: map[string]string{"SECRETSYNC_ALL_SECRETS": `{"ONE":"` + good}, code: 4, words: []string{"value all", "toJSON(secrets)"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			maps.Copy(w.env, tc.env)
			w.run(t, tc.args...).want(t, tc.code, tc.words...)
			for variable := range tc.env {
				delete(w.env, variable)
			}
		})
	}
	if w.entry(t, "stripe", "key") != "" || w.secret(t, "all", "one") != "" {
		t.Error("something was written")
	}
}

// TestMistakesInThePlan are told with line and field, for people and for machines.
func TestMistakesInThePlan(t *testing.T) {
	w := newWorld(t)
	w.plan(t, "{name: a, stage: vault, form: {env: A}, to: [{vault: NS/a, field: f}]}")
	w.run(t, "validate").want(t, 3, "line 7: values[0].form: there is no such field")
	problems, _ := w.run(t, "validate", "-o", "json").want(t, 3).object(t)["problems"].([]any)
	if first, _ := problems[0].(map[string]any); len(problems) != 1 || first["line"] != 7.0 || first["field"] != "values[0].form" {
		t.Errorf("got %v", problems)
	}
}

// TestPlacesThatDiffer: two of a generated value are refused, and neither is written.
func TestPlacesThatDiffer(t *testing.T) {
	w := newWorld(t)
	w.plan(t, "{name: db, stage: vault, generate: {password: 32}, to: [{vault: NS/db, field: password}, {vault: NS/copy, field: password}]}")
	first, second := w.marks.Token("first"), w.marks.Token("second")
	w.put(t.Context(), t, "db", "password", first)
	w.put(t.Context(), t, "copy", "password", second)
	w.run(t, "plan", "-e", "prod", "--no-oidc").want(t, 4, "Refuse", "db", "copy")
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 4, "value db")
	if w.entry(t, "db", "password") != first || w.entry(t, "copy", "password") != second {
		t.Error("something was written")
	}
}

// onGitHub makes the world a run of a workflow, with an event, and returns where it finds its
// summary and outputs.
func (w *world) onGitHub(t *testing.T, event, payload string) (summary, outputs string) {
	t.Helper()
	summary, outputs = filepath.Join(w.dir, "summary.md"), filepath.Join(w.dir, "outputs")
	w.env["GITHUB_ACTIONS"], w.env["GITHUB_EVENT_NAME"], w.env["GITHUB_REPOSITORY"], w.env["GITHUB_ACTOR"] = "true", event, "acme/app", "ada"
	w.env["GITHUB_STEP_SUMMARY"], w.env["GITHUB_OUTPUT"] = summary, outputs
	w.env["GITHUB_EVENT_PATH"] = filepath.Join(w.dir, "event.json")
	must(t, os.WriteFile(w.env["GITHUB_EVENT_PATH"], []byte(payload), 0o600))
	return summary, outputs
}

// TestRunsThatMayNotAct: code of strangers never meets secrets, and a run without secrets is
// told why.
func TestRunsThatMayNotAct(t *testing.T) {
	w := newWorld(t)
	w.plan(t, sources)
	const fork = `{"pull_request":{"head":{"repo":{"full_name":"mallory/app"}}}}`
	w.onGitHub(t, "pull_request_target", fork)
	w.run(t, "plan", "-e", "prod", "--no-oidc").want(t, 4, "mallory/app", "pull_request_target")
	w.run(t, "exec", "-e", "prod", "--no-oidc", "--", "/bin/true").want(t, 4, "mallory/app")
	w.run(t, "destroy", "-e", "test", "--no-oidc", "--instance", "pr-7").want(t, 4, "mallory/app")
	w.onGitHub(t, "pull_request", fork)
	w.run(t, "validate").want(t, 0)
	w.run(t, "plan", "-e", "prod", "--no-oidc").want(t, 4, "value stripe", "a pull request of a fork")
	w.onGitHub(t, "push", "{}")
	w.env["GITHUB_ACTOR"] = "dependabot[bot]"
	w.run(t, "plan", "-e", "prod", "--no-oidc").want(t, 4, "Dependabot's secrets")
	delete(w.env, "GITHUB_ACTIONS")
	w.run(t, "plan", "-e", "prod").want(t, 4)
}

// believe makes the world a job that can ask an issuer for tokens, which the plan believes.
func (w *world) believe(t *testing.T, issuer *githubactions.Issuer) {
	t.Helper()
	plan := filepath.Join(w.dir, "bootstrap.yaml")
	text, err := os.ReadFile(plan)
	must(t, err)
	believing := string(text)
	for _, environment := range []string{"prod", "test"} {
		believing = strings.Replace(believing, environment+": {", environment+": {github: {environment: "+environment+", issuer: \""+issuer.URL()+"\"}, ", 1)
	}
	must(t, os.WriteFile(plan, []byte(believing), 0o600))
	w.env["SSL_CERT_FILE"] = filepath.Join(w.dir, "issuer.pem")
	must(t, os.WriteFile(w.env["SSL_CERT_FILE"], issuer.CA(), 0o600))
	w.env["ACTIONS_ID_TOKEN_REQUEST_URL"], w.env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = issuer.RequestURL(), issuer.RequestToken()
	w.marks.Add("request token", issuer.RequestToken())
}

// TestTheEnvironmentIsProven by the run's token, and by nothing that the run says itself.
func TestTheEnvironmentIsProven(t *testing.T) {
	w := newWorld(t)
	w.plan(t, sources)
	w.env["STRIPE"] = w.marks.Token("stripe")
	w.onGitHub(t, "push", "{}")
	issuer := githubactions.Start(t, githubactions.Job("prod"))
	w.believe(t, issuer)
	w.run(t, "plan", "-e", "prod").want(t, 0, "1 created")
	w.run(t, "apply", "-e", "test").want(t, 4, "environment prod", "-e test")
	w.run(t, "exec", "-e", "test", "--", "/bin/true").want(t, 4)
	issuer.Claim(githubactions.Job(""))
	w.run(t, "apply", "-e", "prod").want(t, 4, "names no environment", "environment: prod")
	issuer.Claim(githubactions.Job("prod"))
	issuer.Forge(t)
	w.run(t, "apply", "-e", "prod").want(t, 4)
	delete(w.env, "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
	w.run(t, "apply", "-e", "prod").want(t, 4, "id-token: write")
	if w.entry(t, "stripe", "key") != "" {
		t.Error("something was written")
	}
}

// TestWhatARunIsTold: a mask for what was generated and for nothing else, a summary, and
// outputs without values.
func TestWhatARunIsTold(t *testing.T) {
	w := newWorld(t)
	w.plan(t, sources, "{name: db, stage: vault, generate: {password: 32}, to: [{vault: NS/db, field: password}]}")
	w.env["STRIPE"] = w.marks.Token("stripe")
	summary, outputs := w.onGitHub(t, "push", "{}")
	r := w.runQuietly(t, "", "apply", "-e", "prod", "--no-oidc", "-o", "json").want(t, 0)
	password := w.entry(t, "db", "password")
	mask := "::add-mask::" + password + "\n"
	if strings.Count(r.stderr, "::add-mask::") != 1 || !strings.Contains(r.stderr, mask) {
		t.Error("not what was generated is masked, or more")
	}
	w.marks.Add("password", password)
	r.stderr = strings.ReplaceAll(r.stderr, mask, "")
	w.search(t, "apply", r)
	if r.object(t)["created"] != 2.0 {
		t.Errorf("got %v", r.object(t))
	}
	for name, want := range map[string]string{summary: "| vault | stripe | vault " + w.name + "/stripe field key", outputs: "created=2\n"} {
		text, err := os.ReadFile(name)
		must(t, err)
		if !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q: %s", name, want, text)
		}
		for _, finding := range w.marks.Find(string(text)) {
			t.Error(finding)
		}
	}
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "0 created") // and masks nothing
}

// TestLaterStages are named by plan, not failed; asked for by name, they fail.
func TestLaterStages(t *testing.T) {
	w := newWorld(t)
	w.plan(t, "{name: vcs, stage: cluster, from: {env: GH}, to: [{kubernetesSecret: NS/vcs, key: token}]}",
		"{name: stripe, stage: vault, from: {env: STRIPE}, to: [{vault: NS/stripe, field: key}]}")
	w.env["GH"], w.env["STRIPE"] = w.marks.Token("github"), w.marks.Token("stripe")
	plan := filepath.Join(w.dir, "bootstrap.yaml")
	text, err := os.ReadFile(plan)
	must(t, err)
	must(t, os.WriteFile(plan, []byte(strings.ReplaceAll(string(text), w.Vault().Address(), "https://127.0.0.1:1")), 0o600))

	w.run(t, "plan", "-e", "prod", "--no-oidc").want(t, 0, "1 created", "1 unreachable")
	w.run(t, "plan", "-e", "prod", "--no-oidc", "--stage", "vault").want(t, 1, "stage vault is not reachable")
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 1, "wrote value vcs", "(not done)")
	if w.secret(t, "vcs", "token") != w.env["GH"] {
		t.Error("the stage before was not written")
	}
	must(t, os.WriteFile(plan, text, 0o600))
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "1 created, 0 changed, 1 kept")
}

// TestOutputForMachines is one JSON object, whatever the command.
func TestOutputForMachines(t *testing.T) {
	w := newWorld(t)
	w.plan(t, sources)
	w.env["STRIPE"] = w.marks.Token("stripe")
	for _, args := range [][]string{{"plan", "-e", "prod"}, {"apply", "-e", "prod"}, {"verify", "-e", "prod"}, {"destroy", "-e", "test", "--instance", "pr-1"}} {
		w.run(t, append(args, "--no-oidc", "-o", "json")...).want(t, 0).object(t)
	}
	var schema map[string]any
	must(t, json.Unmarshal([]byte(w.run(t, "schema").want(t, 0).stdout), &schema))
}
