// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/workflow"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func read(event, payload, actor string) workflow.Run {
	variables := map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_REPOSITORY": "Acme/app", "GITHUB_ACTOR": actor}
	return workflow.Read(func(name string) string { return variables[name] }, []byte(payload))
}

func TestTrustedAndWithoutSecrets(t *testing.T) {
	const (
		ownPull  = `{"pull_request":{"head":{"repo":{"full_name":"acme/app"}}}}`
		forkPull = `{"pull_request":{"head":{"repo":{"full_name":"mallory/app"}}}}`
		gonePull = `{"pull_request":{"head":{"repo":null}}}`
		ownRun   = `{"workflow_run":{"head_repository":{"full_name":"acme/app"}}}`
		forkRun  = `{"workflow_run":{"head_repository":{"full_name":"mallory/app"}}, "pull_request":{"head":{"repo":{"full_name":"acme/app"}}}}`
	)
	cases := map[string]struct {
		run     workflow.Run
		refused bool
		without bool
	}{
		"Nowhere":          {run: workflow.Read(func(string) string { return "" }, nil)},
		"Push":             {run: read("push", `{}`, "ada")},
		"Pull":             {run: read("pull_request", ownPull, "ada")},
		"PullOfFork":       {run: read("pull_request", forkPull, "mallory"), without: true},
		"PullOfGoneFork":   {run: read("pull_request", gonePull, "mallory"), without: true},
		"Dependabot":       {run: read("pull_request", ownPull, "dependabot[bot]"), without: true},
		"TargetOfFork":     {run: read("pull_request_target", forkPull, "mallory"), refused: true},
		"TargetOfGoneFork": {run: read("pull_request_target", gonePull, "mallory"), refused: true},
		"TargetUnread":     {run: read("pull_request_target", `no JSON`, "mallory"), refused: true},
		"TargetOfOwn":      {run: read("pull_request_target", ownPull, "ada")},
		"RunOfFork":        {run: read("workflow_run", forkRun, "mallory"), refused: true},
		"RunOfOwn":         {run: read("workflow_run", ownRun, "ada")},
		"RunUnread":        {run: read("workflow_run", ``, "ada"), refused: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := tc.run.Trusted()
			if (err != nil) != tc.refused || err != nil && fault.ReasonOf(err) != workflow.ReasonForeignCode {
				t.Errorf("Trusted: %v", err)
			}
			if why := tc.run.WithoutSecrets(); (why != "") != tc.without {
				t.Errorf("WithoutSecrets: %q", why)
			}
		})
	}
}

func TestMay(t *testing.T) {
	named := plan.Environment{GitHub: &plan.GitHub{Environment: "production", Repository: "acme/app"}}
	cases := map[string]struct {
		claims      workflow.Claims
		environment plan.Environment
		want        string // a reason; empty for none
	}{
		"Same":            {claims: workflow.Claims{Environment: "prod"}},
		"Other":           {claims: workflow.Claims{Environment: "test"}, want: workflow.ReasonWrongEnvironment},
		"None":            {claims: workflow.Claims{}, want: workflow.ReasonWrongEnvironment},
		"OtherCase":       {claims: workflow.Claims{Environment: "Prod"}, want: workflow.ReasonWrongEnvironment},
		"Named":           {claims: workflow.Claims{Environment: "production", Repository: "Acme/App"}, environment: named},
		"NamedByKey":      {claims: workflow.Claims{Environment: "prod", Repository: "acme/app"}, environment: named, want: workflow.ReasonWrongEnvironment},
		"OtherRepository": {claims: workflow.Claims{Environment: "production", Repository: "mallory/app"}, environment: named, want: workflow.ReasonWrongRepository},
		"UnsaidEvent":     {claims: workflow.Claims{Environment: "prod", Event: "workflow_run"}, want: workflow.ReasonForeignCode},
		"OtherEvent":      {claims: workflow.Claims{Environment: "prod", Event: "pull_request_target"}, want: workflow.ReasonForeignCode},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			run := read("push", "{}", "ada")
			if name == "UnsaidEvent" {
				run = workflow.Run{}
			}
			if err := run.May(tc.claims, "prod", tc.environment); fault.ReasonOf(err) != tc.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestMask(t *testing.T) {
	var out bytes.Buffer
	if err := workflow.Mask(&out, sensitive.FromString("50%\r\n\nline two\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "::add-mask::50%25%0D\n::add-mask::line two\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	if err := workflow.Table(&out, "T", []string{"A", "B"}, [][]string{{"x|y", "<img>\nz"}}); err != nil {
		t.Fatal(err)
	}
	if want := "| A | B |\n|---|---|\n| x\\|y | &lt;img> z |\n"; !strings.Contains(out.String(), want) {
		t.Errorf("got %q, want %q in it", out.String(), want)
	}
}
