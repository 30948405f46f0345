// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
)

func (a *app) applyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "apply -e ENVIRONMENT",
		Short: "Write what the plan declares where it is not yet",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.checkOutput(); err != nil {
				return err
			}
			return a.act(cmd.Context(), func(s *session) error { return s.apply(cmd.Context()) })
		},
	}
	a.targetFlags(cmd)
	a.sourceFlags(cmd)
	a.outputFlag(cmd)
	return cmd
}

func (s *session) apply(ctx context.Context) error {
	survey, err := s.surveyAll(ctx, s.managesAccess())
	if err != nil {
		return err
	}
	defer s.advise(ctx)
	outcomes, failure := survey.Apply(ctx, s.writing(s.placed()))
	if failure == nil {
		failure = s.wrote(s.placed(), outcomes)
	}
	return s.conclude(outcomes, failure, "Bootstrap of "+s.flags.environment)
}

// conclude prints what was and what was not done, and returns the failure.
func (s *session) conclude(outcomes []transfer.Outcome, failure error, title string) error {
	object := &planObject{Environment: s.flags.environment, Instance: s.flags.instance, Steps: []stepRow{}}
	for _, outcome := range outcomes {
		object.add(outcome, false)
	}
	if err := s.print(object.report(title)); err != nil {
		return errors.Join(failure, err)
	}
	return failure
}

// progress tells people what is being written, while it is.
func (s *session) progress(outcome transfer.Outcome) {
	if outcome.Result == transfer.Done {
		fmt.Fprintf(s.ErrOut, "wrote value %s to %s\n", outcome.Value, outcome.Place.Describe())
	}
}

// undo takes back a credential that a server issued for nothing.
func (s *session) undo(ctx context.Context, name string) error {
	value := s.value(name)
	if value == nil || value.Generate == nil || value.Generate.VaultAppRole == nil {
		return nil
	}
	if err := s.servers.issuer(value.Generate.VaultAppRole).Revoke(ctx, s.values.Want(name).Value); err != nil {
		return fmt.Errorf("revoking what was issued for value %s and is not in use: %w", name, err)
	}
	return nil
}
