// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
)

// removalRow is a removal as it is told.
type removalRow struct {
	Instance string    `json:"instance"`
	Value    string    `json:"value"`
	Place    string    `json:"destination"`
	Written  time.Time `json:"written"`
	Result   string    `json:"result"`
	Reason   string    `json:"reason,omitempty"`
}

// destroyObject is the output of destroy for machines.
type destroyObject struct {
	Environment string       `json:"environment"`
	Removals    []removalRow `json:"removals"`
	Removed     int          `json:"removed"`
	Kept        int          `json:"kept"`
	Failed      int          `json:"failed"`
	NotDone     int          `json:"notDone"`
}

func (a *app) destroyCommand() *cobra.Command {
	var olderThan string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "destroy -e ENVIRONMENT (--instance NAME | --older-than AGE)",
		Short: "Remove what was written for an instance, and only that",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.checkOutput(); err != nil {
				return err
			}
			if (a.flags.instance == "") == (olderThan == "") {
				return fmt.Errorf("%w: pass either --instance or --older-than", errUsage)
			}
			return a.act(cmd.Context(), func(s *session) error { return s.destroy(cmd.Context(), olderThan, dryRun) })
		},
	}
	a.targetFlags(cmd)
	a.outputFlag(cmd)
	cmd.Flags().StringVar(&olderThan, "older-than", "", "every instance that nothing was written for since, such as 14d or 36h")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be removed, and remove nothing")
	return cmd
}

func (s *session) destroy(ctx context.Context, olderThan string, dryRun bool) error {
	which := transfer.Which{Plan: s.plan.Name, Environment: s.flags.environment, Instance: s.flags.instance}
	if olderThan != "" {
		age, err := parseAge(olderThan)
		if err != nil {
			return err
		}
		which.Before = s.Clock.Now().Add(-age)
	}
	found, unseen := s.written(ctx)
	if unseen != nil && olderThan != "" { // What is not seen may be what was written last.
		return fmt.Errorf("no age can be told: %w", unseen)
	}
	selected := transfer.Select(found, which)
	object := &destroyObject{Environment: s.flags.environment, Removals: []removalRow{}}
	var failure error
	if dryRun {
		for _, f := range selected {
			object.add(transfer.Removal{Found: f, Result: transfer.NotDone})
		}
	} else {
		var removals []transfer.Removal
		removals, failure = transfer.Remove(ctx, selected, s.removed)
		for _, removal := range removals {
			object.add(removal)
		}
	}
	return errors.Join(unseen, failure, s.print(object.report("Removal from "+s.flags.environment)))
}

// written returns everything that the plan wrote to the places of instances, as far as can be
// seen: one server that cannot be asked hides nothing on the others.
func (s *session) written(ctx context.Context) ([]destination.Found, error) {
	listers, err := s.listers()
	if err != nil {
		return nil, err
	}
	var found []destination.Found
	var unseen []error
	for _, lister := range listers {
		some, err := lister.List(ctx, s.plan.Name)
		if err != nil {
			unseen = append(unseen, fmt.Errorf("looking for what was written: %w", err))
		}
		found = append(found, some...)
	}
	if len(unseen) > 0 {
		return found, fmt.Errorf("%w: %w", transfer.ErrNotRemoved, errors.Join(unseen...))
	}
	return found, nil
}

func (s *session) removed(removal transfer.Removal) {
	if removal.Result == transfer.Done {
		fmt.Fprintf(s.ErrOut, "removed value %s from %s\n", removal.Owner.Value, removal.Place.Describe())
	}
}

// parseAge reads a duration that may be in days.
func parseAge(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err == nil && n > 0 {
			return time.Duration(n) * 24 * time.Hour, nil //nolint:gosec // 16 bits
		}
	}
	if age, err := time.ParseDuration(text); err == nil && age > 0 {
		return age, nil
	}
	return 0, fmt.Errorf("%w: --older-than %s is no age such as 14d or 36h", errUsage, text)
}

func (o *destroyObject) add(r transfer.Removal) {
	row := removalRow{Instance: r.Owner.Instance, Value: r.Owner.Value, Place: r.Place.Describe(), Written: r.Owner.Time, Result: string(r.Result)}
	if r.Err != nil {
		row.Reason = r.Err.Error()
	}
	o.Removals = append(o.Removals, row)
	switch r.Result {
	case transfer.Done:
		o.Removed++
	case transfer.Kept:
		o.Kept++
	case transfer.Failed:
		o.Failed++
	case transfer.NotDone:
		o.NotDone++
	}
}

func (o *destroyObject) report(title string) report {
	r := report{title: title, heading: []string{"INSTANCE", "VALUE", "DESTINATION", "WRITTEN", "RESULT", "REASON"}, object: o}
	for _, row := range o.Removals {
		r.rows = append(r.rows, []string{row.Instance, row.Value, row.Place, row.Written.Format(time.RFC3339), spaced(row.Result), row.Reason})
	}
	r.counts = []count{{name: "removed", n: o.Removed}, {name: "kept", n: o.Kept}, {name: "failed", n: o.Failed}, {name: "not-done", n: o.NotDone}}
	return r
}
