// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
)

func (a *app) rotateCommand() *cobra.Command {
	var resume bool
	cmd := &cobra.Command{
		Use:   "rotate -e ENVIRONMENT NAME",
		Short: "Put a new value in the place of the old one, everywhere",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.checkOutput(); err != nil {
				return err
			}
			return a.act(cmd.Context(), func(s *session) error { return s.rotate(cmd.Context(), args[0], resume) })
		},
	}
	a.targetFlags(cmd)
	a.outputFlag(cmd)
	a.valueFlags(cmd)
	cmd.Flags().BoolVar(&resume, "resume", false, "finish a rotation that was cut: make no new value, copy the one that is in the first place")
	return cmd
}

func (s *session) rotate(ctx context.Context, name string, resume bool) error {
	value := s.value(name)
	switch {
	case value == nil:
		return fmt.Errorf("%w: there is no value %s", errUsage, name)
	case !value.Serves(s.flags.environment):
		return fmt.Errorf("%w: value %s is not for environment %s", errUsage, name, s.flags.environment)
	case !slices.Contains(s.placed(), value):
		return fmt.Errorf("%w: value %s has no place here; name the instance with --instance", errUsage, name)
	case resume && value.Generate == nil:
		return fmt.Errorf("%w: value %s is not generated; rotate without --resume does it", errUsage, name)
	}
	values := s.dependents(value)
	survey, err := s.survey(ctx, transfer.Rotating, values)
	if err != nil {
		return err
	}
	rotation := transfer.Rotation{Writing: s.writing(values), Name: name, Resume: resume}
	if value.Generate != nil && value.Generate.VaultAppRole != nil {
		rotation.Issuer = s.servers.issuer(value.Generate.VaultAppRole)
	}
	outcomes, failure := survey.Rotate(ctx, rotation)
	if failure == nil {
		failure = s.wrote(values, outcomes)
	}
	return s.conclude(outcomes, failure, "Rotation of "+name+" in "+s.flags.environment)
}

// dependents returns a value and all that is made of it.
func (s *session) dependents(value *plan.Value) []*plan.Value {
	all := []*plan.Value{value}
	for _, other := range s.placed() {
		if other != value && slices.Contains(s.needed([]*plan.Value{other}), value) {
			all = append(all, other)
		}
	}
	return all
}
