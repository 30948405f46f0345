// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/source"
	"github.com/secretsync/secretsync/pkg/bootstrap/workflow"
)

// load reads the plan, and hides its variables from whatever this process starts.
func (a *app) load() (*plan.Plan, error) {
	text, err := readFile(a.flags.file)
	if err != nil {
		return nil, fmt.Errorf("%w: reading the plan: %w", errUsage, err)
	}
	p, err := plan.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("plan %s:\n%w", a.flags.file, err)
	}
	for _, name := range secretVariables(p) {
		if err := a.Unset(name); err != nil {
			return nil, fmt.Errorf("hiding variable %s: %w", name, err)
		}
	}
	return p, nil
}

// secretVariables returns the variables that hold secrets: those that the plan reads for any
// environment, and those that identify this run.
func secretVariables(p *plan.Plan) []string {
	names := []string{source.AllSecretsVariable, tokenRequestVariable, vaultTokenVariable, infisicalTokenVariable, fingerprintKeyVariable}
	for environment := range p.Environments {
		for i := range p.Values {
			if from := p.Values[i].From; from != nil {
				names = append(names, source.Variables(*from, environment)...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// readFile reads a file that nobody needs large.
func readFile(name string) ([]byte, error) {
	const most = 4 << 20
	file, err := os.Open(name) //nolint:gosec // the user names it, and may read it
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return text, nil
}

func openFile(name string) (io.ReadCloser, error) {
	return os.Open(name) //nolint:gosec // the plan names it, as a source
}

// workflowRun returns the run of GitHub Actions that this is, if it is one.
func (a *app) workflowRun() workflow.Run {
	// A missing event leaves the run without a head, which the rules take for a stranger's.
	event, _ := readFile(a.environment.Plain("GITHUB_EVENT_PATH"))
	return workflow.Read(a.environment.Plain, event)
}

// onStages returns the stages that are asked for, in the order of the plan.
func (a *app) onStages(p *plan.Plan) ([]string, error) {
	if len(a.flags.stages) == 0 {
		return p.Stages, nil
	}
	for _, stage := range a.flags.stages {
		if !slices.Contains(p.Stages, stage) {
			return nil, fmt.Errorf("%w: there is no stage %s; the stages are %s", errUsage, stage, strings.Join(p.Stages, ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(p.Stages), func(stage string) bool { return !slices.Contains(a.flags.stages, stage) }), nil
}
