// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
)

// stepRow is a step as it is told; it never holds a value.
type stepRow struct {
	Stage  string `json:"stage"`
	Value  string `json:"value"`
	Place  string `json:"destination"`
	Action string `json:"action"`
	Result string `json:"result,omitempty"`
	Reason string `json:"reason"`
}

// planObject is the output of plan and apply for machines.
type planObject struct {
	Environment string    `json:"environment"`
	Instance    string    `json:"instance,omitempty"`
	Steps       []stepRow `json:"steps"`
	Created     int       `json:"created"`
	Changed     int       `json:"changed"`
	Kept        int       `json:"kept"`
	Refused     int       `json:"refused"`
	Unreachable int       `json:"unreachable"`
	Failed      int       `json:"failed"`
	NotDone     int       `json:"notDone"`
}

// actionExec stands for what only exec does.
const actionExec = "Exec"

func (a *app) planCommand() *cobra.Command {
	var detailed bool
	cmd := &cobra.Command{
		Use:   "plan -e ENVIRONMENT",
		Short: "Show what apply would write, and write nothing",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.checkOutput(); err != nil {
				return err
			}
			return a.act(cmd.Context(), func(s *session) error { return s.showPlan(cmd.Context(), detailed) })
		},
	}
	a.targetFlags(cmd)
	a.sourceFlags(cmd)
	a.outputFlag(cmd)
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "end with 2 if there is something to write, as terraform plan does")
	return cmd
}

func (s *session) showPlan(ctx context.Context, detailed bool) error {
	values := s.declared()
	survey, err := s.surveyAll(ctx, s.managesAccess())
	if err != nil {
		return err
	}
	object := &planObject{Environment: s.flags.environment, Instance: s.flags.instance, Steps: s.execRows(values)}
	steps := survey.Steps(transfer.Applying)
	for _, step := range steps {
		object.add(transfer.Outcome{Step: step}, true)
	}
	if err := s.print(object.report("Bootstrap plan for " + s.flags.environment)); err != nil {
		return err
	}
	s.advise(ctx)
	return s.planError(object, steps, detailed)
}

func (s *session) planError(object *planObject, steps []transfer.Step, detailed bool) error {
	for _, step := range steps {
		if step.Action == transfer.Refuse {
			return fmt.Errorf("%w: value %s at %s: %s", transfer.ErrRefused, step.Value, step.Place.Describe(), step.Reason)
		}
	}
	for _, step := range steps {
		// Later stages need not be there yet, but one that was asked for by name should.
		if step.Action == transfer.Unreachable && len(s.flags.stages) > 0 {
			return fmt.Errorf("stage %s is %w: value %s at %s: %s", step.Stage, transfer.ErrUnreachable, step.Value, step.Place.Describe(), step.Reason)
		}
	}
	if detailed && object.Created+object.Changed > 0 {
		return errChanges
	}
	return nil
}

// execRows are the places that only exec fills.
func (s *session) execRows(values []*plan.Value) []stepRow {
	rows := []stepRow{}
	for _, value := range values {
		for _, d := range value.To {
			if d.Place().ForExec() {
				rows = append(rows, stepRow{Stage: value.Stage, Value: value.Name, Place: d.String(), Action: actionExec, Reason: "it is there while exec runs its command"})
			}
		}
	}
	return rows
}

// add counts and tells what became of a step, or what would.
func (o *planObject) add(outcome transfer.Outcome, planned bool) {
	row := stepRow{
		Stage: outcome.Stage, Value: outcome.Value, Place: outcome.Place.Describe(),
		Action: string(outcome.Action), Result: string(outcome.Result), Reason: outcome.Reason,
	}
	if outcome.Err != nil && !planned {
		row.Reason = outcome.Err.Error()
	}
	o.Steps = append(o.Steps, row)
	switch {
	case outcome.Result == transfer.Failed:
		o.Failed++
	case outcome.Result == transfer.NotDone && outcome.Action.Writes():
		o.NotDone++
	case outcome.Action == transfer.Create:
		o.Created++
	case outcome.Action == transfer.Change:
		o.Changed++
	case outcome.Action == transfer.Keep:
		o.Kept++
	case outcome.Action == transfer.Refuse:
		o.Refused++
	default:
		o.Unreachable++
	}
}

func (o *planObject) report(title string) report {
	r := report{title: title, heading: []string{"STAGE", "VALUE", "DESTINATION", "ACTION", "REASON"}, object: o}
	for _, row := range o.Steps {
		action := row.Action
		if row.Result != "" && row.Result != string(transfer.Done) && row.Result != string(transfer.Kept) {
			action += " (" + spaced(row.Result) + ")"
		}
		r.rows = append(r.rows, []string{row.Stage, row.Value, row.Place, action, row.Reason})
	}
	r.counts = []count{
		{name: "created", n: o.Created}, {name: "changed", n: o.Changed}, {name: "kept", n: o.Kept}, {name: "refused", n: o.Refused},
		{name: "unreachable", n: o.Unreachable}, {name: "failed", n: o.Failed}, {name: "not-done", n: o.NotDone},
	}
	return r
}

// spaced writes NotDone as "not done".
func spaced(word string) string {
	var b strings.Builder
	for i, r := range word {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
