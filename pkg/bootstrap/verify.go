// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
)

// verdictRow is a verdict as it is told.
type verdictRow struct {
	Stage   string `json:"stage"`
	Value   string `json:"value"`
	Place   string `json:"destination"`
	Finding string `json:"finding"`
	Reason  string `json:"reason"`
}

// verifyObject is the output of verify for machines.
type verifyObject struct {
	Environment string       `json:"environment"`
	Instance    string       `json:"instance,omitempty"`
	Verdicts    []verdictRow `json:"verdicts"`
	Same        int          `json:"same"`
	Present     int          `json:"present"`
	Differs     int          `json:"differs"`
	Missing     int          `json:"missing"`
	Unknown     int          `json:"unknown"`
}

func (a *app) verifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify -e ENVIRONMENT",
		Short: "Find what does not hold the declared value any more",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.checkOutput(); err != nil {
				return err
			}
			return a.act(cmd.Context(), func(s *session) error { return s.verify(cmd.Context()) })
		},
	}
	a.targetFlags(cmd)
	a.sourceFlags(cmd)
	a.outputFlag(cmd)
	return cmd
}

func (s *session) verify(ctx context.Context) error {
	survey, err := s.surveyAll(ctx, true)
	if err != nil {
		return err
	}
	object := &verifyObject{Environment: s.flags.environment, Instance: s.flags.instance, Verdicts: []verdictRow{}}
	for _, verdict := range survey.Verdicts() {
		object.add(verdict)
	}
	if err := s.print(object.report("Bootstrap verification of " + s.flags.environment)); err != nil {
		return err
	}
	s.advise(ctx)
	switch {
	case object.Differs+object.Missing > 0:
		return fmt.Errorf("%w: %d differ, %d are missing", errDiffers, object.Differs, object.Missing)
	case object.Unknown > 0:
		return fmt.Errorf("%d places could not be looked at: %w", object.Unknown, transfer.ErrUnreachable)
	default:
		return nil
	}
}

func (o *verifyObject) add(v transfer.Verdict) {
	o.Verdicts = append(o.Verdicts, verdictRow{Stage: v.Stage, Value: v.Value, Place: v.Place.Describe(), Finding: string(v.Finding), Reason: v.Reason})
	switch v.Finding {
	case transfer.Same:
		o.Same++
	case transfer.Present:
		o.Present++
	case transfer.Differs:
		o.Differs++
	case transfer.Missing:
		o.Missing++
	case transfer.Unknown:
		o.Unknown++
	}
}

func (o *verifyObject) report(title string) report {
	r := report{title: title, heading: []string{"STAGE", "VALUE", "DESTINATION", "FINDING", "REASON"}, object: o}
	for _, row := range o.Verdicts {
		r.rows = append(r.rows, []string{row.Stage, row.Value, row.Place, row.Finding, row.Reason})
	}
	r.counts = []count{
		{name: "same", n: o.Same}, {name: "present", n: o.Present}, {name: "differ", n: o.Differs}, {name: "missing", n: o.Missing}, {name: "unknown", n: o.Unknown},
	}
	return r
}
