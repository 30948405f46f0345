// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package snippet

import (
	"slices"
	"strconv"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/source"
)

// checkout is the action that every job begins with.
const checkout = "actions/checkout@v6"

// GitHub returns a workflow of GitHub Actions. A pull request is validated without a secret;
// the job of each environment runs after the merge, under the environment's own rules.
func GitHub(p *plan.Plan, o Options) string {
	t := &text{}
	t.line("# Written by: ", program, " export-template github")
	t.line("name: bootstrap")
	t.line("on:")
	t.line("  pull_request: {types: [opened, synchronize, reopened, closed]}")
	t.line("  push: {branches: [main]}")
	t.line("  workflow_dispatch: {}")
	t.line("permissions: {}")
	t.line("jobs:")
	t.line("  validate: # no secret: a pull request from a fork runs it, too")
	t.line("    if: github.event.action != 'closed'")
	t.line("    runs-on: ubuntu-latest")
	t.line("    permissions: {contents: read}")
	t.line("    steps:")
	o.prepare(t)
	t.line("    - run: ", o.command("validate"))
	before := ""
	for _, environment := range o.Environments {
		o.job(t, p, environment, before)
		if compares(p, environment) {
			before = environment
		}
		if hasInstances(p, environment) {
			o.instanceJobs(t, p, environment)
		}
	}
	return t.String()
}

func (o Options) prepare(t *text) {
	t.line("    - uses: ", checkout)
	t.line("    - uses: secretsync/secretsync/.github/actions/bootstrap@", o.Version)
}

// job writes what runs for an environment after the merge. Environments that compare values run
// one after the other: before is the one whose fingerprints this one needs, if any.
func (o Options) job(t *text, p *plan.Plan, environment, before string) {
	t.line("  ", environment, ":")
	t.line("    if: github.event_name != 'pull_request'")
	if compares(p, environment) && before != "" {
		t.line("    needs: [validate, ", before, "] # whose values it compares its own with")
	} else {
		t.line("    needs: validate")
	}
	o.actFor(t, p, environment, environment)
	if compares(p, environment) {
		restore(t, p, before)
		defer save(t, p, environment)
	}
	if planStage, applyStage := o.stages(p, environment); planStage != "" {
		exec := func(stage string, words ...string) {
			of := target{Plan: p, environment: environment, stage: stage, picks: forExec}
			commands := make([]string, len(words))
			for i, terraform := range words {
				commands[i] = o.command("exec", o.flags(of), "-- terraform", terraform)
			}
			of.step(t, commands...)
		}
		exec(planStage, "init -input=false", "plan -input=false -out=tfplan")
		exec(applyStage, "apply -input=false tfplan")
	}
	for _, stage := range p.Stages {
		of := target{Plan: p, environment: environment, stage: stage, picks: shared}
		if of.has() || accessIn(p, stage) {
			of.step(t, o.command("plan", o.flags(of)), o.command("apply", o.flags(of)))
		}
	}
}

func accessIn(p *plan.Plan, stage string) bool {
	return p.OperatorAccess != nil && p.OperatorAccess.Stage == stage
}

func (o Options) flags(of target) string {
	flags := "-e " + of.environment + " --stage " + of.stage
	if slices.Contains(of.variables(), source.AllSecretsVariable) {
		flags += " --allow-all-secrets"
	}
	if of.compares() {
		flags += " --fingerprints " + fingerprintsFile
	}
	return flags
}

// actFor writes the lines by which a job proves that it is of an environment.
func (o Options) actFor(t *text, p *plan.Plan, environment, group string) {
	t.line("    runs-on: ubuntu-latest")
	// In quotes, as GitHub lets an environment be called almost anything.
	t.line("    environment: ", strconv.Quote(p.Environments[environment].Claim(environment)), " # its reviewers, its secrets")
	t.line("    concurrency: bootstrap-", group)
	t.line("    permissions: {contents: read, id-token: write}")
	t.line("    steps:")
	o.prepare(t)
}

// step writes a step that runs commands with the secrets of its values, and no others.
func (of target) step(t *text, commands ...string) {
	if len(commands) == 1 {
		t.line("    - run: ", commands[0])
	} else {
		t.line("    - run: |")
		for _, one := range commands {
			t.line("        ", one)
		}
	}
	names := of.variables()
	if of.compares() {
		names = append(names, fingerprintKey)
	}
	if len(names) == 0 {
		return
	}
	t.line("      env:")
	for _, name := range names {
		value := "secrets." + name
		if name == source.AllSecretsVariable {
			value = "toJSON(secrets)"
		}
		t.line("        ", name, ": ${{ ", value, " }}")
	}
}

// hasInstances reports whether the environment has values for each pull request.
func hasInstances(p *plan.Plan, environment string) bool {
	return p.Environments[environment].HasInstance("pr-1") && slices.ContainsFunc(p.Values, func(v plan.Value) bool {
		return v.Serves(environment) && ofInstance(v)
	})
}

// instanceJobs write what a pull request gets, and that it goes with it. Only pull requests
// from the repository itself may: those of forks have no secrets.
func (o Options) instanceJobs(t *text, p *plan.Plan, environment string) {
	const ours = "github.event.pull_request.head.repo.full_name == github.repository"
	const instance = " --instance pr-${{ github.event.number }}"
	group := environment + "-pr-${{ github.event.number }}"
	t.line("  ", environment, "-instance:")
	t.line("    if: github.event.action != 'closed' && ", ours)
	t.line("    needs: validate")
	o.actFor(t, p, environment, group)
	restored := false
	for _, stage := range p.Stages {
		of := target{Plan: p, environment: environment, stage: stage, picks: ofInstance}
		if of.has() && of.compares() && !restored {
			restore(t, p, "")
			restored = true
		}
		if of.has() {
			of.step(t, o.command("apply", o.flags(of))+instance)
		}
	}
	t.line("  ", environment, "-instance-ends:")
	t.line("    if: github.event.action == 'closed' && ", ours)
	o.actFor(t, p, environment, group)
	t.line("    - run: ", o.command("destroy", "-e", environment), instance)
}
