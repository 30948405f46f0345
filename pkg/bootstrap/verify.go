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
	Refused     int          `json:"refused"`
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
	verdicts := survey.Verdicts()
	for _, verdict := range verdicts {
		object.add(verdict)
	}
	if err := s.print(object.report("Bootstrap verification of " + s.flags.environment)); err != nil {
		return err
	}
	s.advise(ctx)
	return object.err(verdicts)
}

// err returns what is wrong; what must not be there at all comes first.
func (o *verifyObject) err(verdicts []transfer.Verdict) error {
	for _, v := range verdicts {
		if v.Refused != "" {
			return fmt.Errorf("%w: value %s at %s: %s", transfer.ErrRefused, v.Value, v.Place.Describe(), v.Refused)
		}
	}
	switch {
	case o.Differs+o.Missing > 0:
		return fmt.Errorf("%w: %d differ, %d are missing", errDiffers, o.Differs, o.Missing)
	case o.Unknown > 0:
		return fmt.Errorf("%d places could not be looked at: %w", o.Unknown, transfer.ErrUnreachable)
	default:
		return nil
	}
}

func (o *verifyObject) add(v transfer.Verdict) {
	reason := v.Reason
	if v.Refused != "" {
		o.Refused++
		reason += "; it is refused: " + v.Refused
	}
	o.Verdicts = append(o.Verdicts, verdictRow{Stage: v.Stage, Value: v.Value, Place: v.Place.Describe(), Finding: string(v.Finding), Reason: reason})
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
		{name: "refused", n: o.Refused},
	}
	return r
}
