// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/test/githubactions"
)

// distinct is a value that should be another in each environment.
const distinct = "{name: stripe, stage: vault, from: {env: STRIPE}, distinctPerEnvironment: true, to: [{vault: \"NS/{environment}/stripe\", field: key}]}"

// TestVariablesAreDistinct: a run that has those of all environments compares them, and one that
// has not cannot tell.
func TestVariablesAreDistinct(t *testing.T) {
	w := newWorld(t)
	value := w.marks.Token("stripe")
	w.plan(t, strings.Replace(distinct, "env: STRIPE", "env: \"STRIPE_{environment}\"", 1))
	w.env["STRIPE_PROD"], w.env["STRIPE_TEST"] = value, value
	w.run(t, "plan", "-e", "prod", "--no-oidc").want(t, 4, "value stripe", "the same in environment test", "1 refused")
	w.env["STRIPE_TEST"] = w.marks.Token("stripe of test")
	w.run(t, "plan", "-e", "prod", "--no-oidc").want(t, 0)
	delete(w.env, "STRIPE_TEST")
	w.run(t, "plan", "-e", "prod", "--no-oidc").want(t, 4, "value stripe", "nothing tells whether it is the same in environment test")
}

// TestDistinctnessThatCannotBeToldIsRefused by each command that acts, which names what would
// help; the waiver is loud.
func TestDistinctnessThatCannotBeToldIsRefused(t *testing.T) {
	w := newWorld(t)
	w.plan(t, distinct, "{name: url, stage: vault, from: {template: \"https://{value:stripe}@h\"}, to: [{vault: \"NS/{environment}/url\", field: url}]}",
		"{name: given, stage: infra, from: {env: STRIPE}, distinctPerEnvironment: true, to: [{processEnv: STRIPE_KEY}]}")
	w.env["STRIPE"] = w.marks.Token("stripe")
	on := []string{"-e", "prod", "--no-oidc"}
	remedies := []string{"environment test", "--fingerprints", "{environment}", "--allow-unchecked-distinct"}
	for _, args := range [][]string{{"plan"}, {"apply"}, {"verify"}, {"rotate", "stripe"}} {
		w.run(t, append(args, on...)...).want(t, 4, append(remedies, "value stripe")...)
	}
	w.run(t, append([]string{"plan"}, on...)...).want(t, 4, "2 refused")
	w.run(t, "exec", "-e", "prod", "--no-oidc", "--", "/bin/true").want(t, 4, append(remedies, "value given")...)
	if w.entry(t, "prod/stripe", "key") != "" || w.entry(t, "prod/url", "url") != "" {
		t.Fatal("something was written")
	}
	waived := append(on, "--allow-unchecked-distinct")
	w.run(t, append([]string{"apply"}, waived...)...).want(t, 0, "2 created", "WARNING: --allow-unchecked-distinct", "value stripe")
	w.run(t, append([]string{"verify"}, waived...)...).want(t, 0, "2 same", "WARNING")
	w.run(t, append([]string{"verify"}, on...)...).want(t, 4, "Same", "it is refused", "2 refused")
	w.run(t, "exec", "-e", "prod", "--no-oidc", "--allow-unchecked-distinct", "--", "/bin/true").want(t, 0, "WARNING")
}

// TestFingerprintsTellEnvironmentsApart, in whatever order their runs come.
func TestFingerprintsTellEnvironmentsApart(t *testing.T) {
	w := newWorld(t)
	value := w.marks.Token("stripe")
	w.plan(t, distinct)
	run := func(command, environment string, args ...string) result {
		return w.run(t, append([]string{command, "-e", environment, "--no-oidc", "--fingerprints", "fingerprints.json"}, args...)...)
	}
	w.env["STRIPE"] = value
	run("apply", "prod").want(t, 3, "SECRETSYNC_FINGERPRINT_KEY")
	w.env["SECRETSYNC_FINGERPRINT_KEY"] = w.marks.Token("one half") + w.marks.Token("other half")
	run("apply", "prod").want(t, 3, "there is no file fingerprints.json", "echo '{}'")
	file := filepath.Join(w.dir, "fingerprints.json")
	must(t, os.WriteFile(file, []byte("{}"), 0o600))
	run("apply", "prod").want(t, 0, "environment test has left no fingerprint yet")
	run("apply", "prod").want(t, 0)
	run("apply", "test").want(t, 4, "the same in environment prod")
	run("verify", "test").want(t, 4, "the same in environment prod", "Missing")
	text, err := os.ReadFile(file)
	must(t, err)
	for _, finding := range w.marks.Find(string(text)) {
		t.Error(finding)
	}
	another := w.marks.Token("another")
	w.env["STRIPE"] = another
	run("apply", "test").want(t, 0)
	run("rotate", "prod", "stripe").want(t, 4, "the same in environment test")
	w.env["STRIPE"] = w.marks.Token("declared, but not in place")
	run("apply", "prod").want(t, 0, "write: IfAbsent leaves it")
	w.env["STRIPE"] = value
	run("rotate", "test", "stripe").want(t, 4, "the same in environment prod") // where it still is in place
	w.env["STRIPE"] = w.marks.Token("rotated")
	run("rotate", "prod", "stripe").want(t, 0, "1 changed")
	w.env["STRIPE"] = value
	run("rotate", "test", "stripe").want(t, 0, "1 changed") // which prod has no more
	must(t, os.WriteFile(file, []byte("[]"), 0o600))
	run("verify", "test").want(t, 3, "file of fingerprints is none")
}

// TestACutRunLeavesItsFingerprints: what it may have written is not another environment's to have.
func TestACutRunLeavesItsFingerprints(t *testing.T) {
	w := newWorld(t)
	w.plan(t, distinct, "{name: late, stage: vault, from: {env: STRIPE}, to: [{kubernetesSecret: \"no-such-namespace/x\", key: k}]}")
	w.env["STRIPE"], w.env["SECRETSYNC_FINGERPRINT_KEY"] = w.marks.Token("stripe"), strings.Repeat("k", 32)
	must(t, os.WriteFile(filepath.Join(w.dir, "fingerprints.json"), []byte("{}"), 0o600))
	w.run(t, "apply", "-e", "prod", "--no-oidc", "--fingerprints", "fingerprints.json").want(t, 1)
	w.run(t, "apply", "-e", "test", "--no-oidc", "--fingerprints", "fingerprints.json").want(t, 4, "the same in environment prod")
}

// TestWorkflowKeepsEnvironmentsApart: what export-template writes finds equal values in its first
// run, and goes on when they differ.
func TestWorkflowKeepsEnvironmentsApart(t *testing.T) {
	issuer := githubactions.Start(t, githubactions.Job("prod"))
	r := newRunnerOf(t, issuer, distinct)
	value, other := r.marks.Token("stripe"), r.marks.Token("other")
	r.Expressions["secrets.SECRETSYNC_FINGERPRINT_KEY"] = r.marks.Token("one half") + r.marks.Token("other half")
	workflow := r.workflow(t)
	runs := 0
	// run is one of the workflow, by the secrets of its environments; it returns what failed.
	run := func(secrets map[string]string) string {
		runs++
		r.Expressions["github.run_id"], r.Expressions["github.run_attempt"] = strconv.Itoa(runs), "1"
		ended := map[string]bool{}
		for len(ended) < 3 {
			for _, name := range []string{"prod", "test", "validate"} {
				job := workflow.Jobs[name]
				if ended[name] || !ends(ended, job.Waits()) {
					continue
				}
				// Each job has a machine of its own.
				must(t, os.RemoveAll(filepath.Join(r.dir, "fingerprints.json")))
				issuer.Claim(githubactions.Job(job.Environment))
				r.Expressions["secrets.STRIPE"] = secrets[job.Environment]
				if r.Job(t, job.Steps) != 0 {
					return name
				}
				ended[name] = true
			}
		}
		return ""
	}
	if failed := run(map[string]string{"prod": value, "test": value}); failed != "prod" {
		t.Errorf("with equal values job %q failed, want prod, which comes last", failed)
	}
	if r.entry(t, "prod/stripe", "key") != "" || !strings.Contains(r.Output.String(), "the same in environment test") {
		t.Error("the value of test was written for prod")
	}
	if failed := run(map[string]string{"prod": other, "test": value}); failed != "" || r.entry(t, "prod/stripe", "key") != other {
		t.Errorf("with values that differ job %q failed", failed)
	}
	r.Expressions["secrets.STRIPE"] = r.marks.Token("rotated")
	issuer.Claim(githubactions.Job("prod"))
	must(t, os.WriteFile(filepath.Join(r.dir, "fingerprints.json"), r.Cache[len(r.Cache)-1].Text, 0o600))
	rotate := githubactions.Step{
		Run: "secretsync-bootstrap rotate -e prod --fingerprints fingerprints.json stripe",
		Env: map[string]string{"STRIPE": "${{ secrets.STRIPE }}", "SECRETSYNC_FINGERPRINT_KEY": "${{ secrets.SECRETSYNC_FINGERPRINT_KEY }}"},
	}
	if code := r.Job(t, []githubactions.Step{workflow.Jobs["prod"].Steps[1], rotate}); code != 0 {
		t.Errorf("the rotation ends with %d", code)
	}
	if failed := run(map[string]string{"prod": r.Expressions["secrets.STRIPE"], "test": value}); failed != "" {
		t.Errorf("after the rotation job %q failed", failed)
	}
	r.Cache = nil // As after a week without a run: the environments of one run compare all the same.
	if failed := run(map[string]string{"prod": value, "test": value}); failed != "prod" {
		t.Errorf("without an old cache job %q failed", failed)
	}
}

// ends reports whether all of these jobs have ended.
func ends(ended map[string]bool, jobs []string) bool {
	for _, job := range jobs {
		if !ended[job] {
			return false
		}
	}
	return true
}
