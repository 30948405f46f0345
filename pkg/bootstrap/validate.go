// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
)

// validateObject is the output of validate for machines.
type validateObject struct {
	Valid    bool          `json:"valid"`
	Problems plan.Problems `json:"problems"`
}

func (a *app) validateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the plan alone: no secret, no network",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := a.checkOutput(); err != nil {
				return err
			}
			return a.validate()
		},
	}
	a.outputFlag(cmd)
	return cmd
}

func (a *app) validate() error {
	p, err := a.load()
	if a.flags.output == "json" {
		problems, ok := errors.AsType[plan.Problems](err)
		if err != nil && !ok {
			return err
		}
		return errors.Join(a.printJSON(validateObject{Valid: err == nil, Problems: append(plan.Problems{}, problems...)}), err)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Out, "%s is valid: %d values, %d environments\n", a.flags.file, len(p.Values), len(p.Environments))
	return err
}
