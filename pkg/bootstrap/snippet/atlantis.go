// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package snippet

import "github.com/secretsync/secretsync/pkg/bootstrap/plan"

// Atlantis returns workflows for the configuration of an Atlantis server, one for each
// environment: were the environment named by the pull request, its author could choose whose
// credentials a plan gets.
func Atlantis(p *plan.Plan, o Options) string {
	t := &text{}
	t.line("# Written by: ", program, " export-template atlantis")
	t.line("# For the server's own configuration (--repo-config), where no pull request can edit it.")
	t.line("workflows:")
	for _, environment := range o.Environments {
		planStage, applyStage := o.stages(p, environment)
		if planStage == "" {
			continue
		}
		run := func(stage, terraform string) {
			flags := "-e " + environment + " --no-oidc --stage " + stage
			if (target{Plan: p, environment: environment, stage: stage, picks: forExec}).compares() {
				flags += ` --fingerprints "$HOME/` + fingerprintsFile + `"` // What is beside the code is gone with the pull request.
			}
			t.line("      - run: ", o.command("exec", flags, "-- terraform "+terraform))
		}
		t.line("  secretsync-", environment, ":")
		t.line("    plan:")
		t.line("      steps:")
		t.line("      - run: ", o.command("validate"))
		run(planStage, "init -input=false")
		run(planStage, `plan -input=false -out "$PLANFILE"`)
		t.line("    apply:")
		t.line("      steps:")
		run(applyStage, `apply -input=false "$PLANFILE"`)
	}
	return t.String()
}
