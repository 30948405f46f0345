// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/snippet"
)

// plainPath is a path that means itself, in a shell and in YAML.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9_./][A-Za-z0-9_./-]*$`)

func (a *app) exportTemplateCommand() *cobra.Command {
	var environments []string
	var planStage, applyStage string
	cmd := &cobra.Command{
		Use:       "export-template github|atlantis",
		Short:     "Print a pipeline that runs the plan, for GitHub Actions or for Atlantis",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"github", "atlantis"},
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := a.load()
			if err != nil {
				return err
			}
			if !plainPath.MatchString(a.flags.file) {
				return fmt.Errorf("%w: no pipeline names a plan %q: move it to a path of letters, digits and . _ - /", errUsage, a.flags.file)
			}
			options := snippet.Options{File: a.flags.file, Version: a.release(), PlanStage: planStage, ApplyStage: applyStage}
			if options.Environments, err = chosen(p, environments); err != nil {
				return err
			}
			for _, stage := range []string{planStage, applyStage} {
				if stage != "" && !slices.Contains(p.Stages, stage) {
					return fmt.Errorf("%w: there is no stage %s; the stages are %s", errUsage, stage, strings.Join(p.Stages, ", "))
				}
			}
			write := snippet.GitHub
			if args[0] == "atlantis" {
				write = snippet.Atlantis
			}
			if _, err := fmt.Fprint(a.Out, write(p, options)); err != nil {
				return fmt.Errorf("writing the pipeline: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVarP(&environments, "environment", "e", nil, "the environments, in the order in which they run (default: all)")
	cmd.Flags().StringVar(&planStage, "plan-stage", "", "the stage whose values terraform plan gets, which need to read only (default: the first with values for exec)")
	cmd.Flags().StringVar(&applyStage, "apply-stage", "", "the stage whose values terraform apply gets (default: the last with values for exec)")
	return cmd
}

// chosen returns the environments that are asked for, in that order; by default all, those with
// instances first, which are the ones to try things in.
func chosen(p *plan.Plan, environments []string) ([]string, error) {
	all := slices.Sorted(maps.Keys(p.Environments))
	if len(environments) == 0 {
		slices.SortStableFunc(all, func(a, b string) int {
			return cmp.Compare(min(len(p.Environments[b].Instances), 1), min(len(p.Environments[a].Instances), 1))
		})
		return all, nil
	}
	for i, name := range environments {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("%w: there is no environment %s; there are %s", errUsage, name, strings.Join(all, ", "))
		}
		if slices.Contains(environments[:i], name) {
			return nil, fmt.Errorf("%w: environment %s is named twice", errUsage, name)
		}
	}
	return environments, nil
}

// release is the tag under which this build can be had; a build of no release names the first.
func (a *app) release() string {
	if !strings.HasPrefix(a.Version, "v") || strings.ContainsAny(a.Version, "-+") {
		return "v0.1.0"
	}
	return a.Version
}
