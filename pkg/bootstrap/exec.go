// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/secretsync/secretsync/pkg/bootstrap/child"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/tfvars"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/bootstrap/workflow"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// errNoValue is in the chain of the error about a value that exec cannot have yet.
var errNoValue = errors.New("has no value yet")

func (a *app) execCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exec -e ENVIRONMENT -- COMMAND [ARGUMENT...]",
		Short: "Run a command that has the values in its environment, and nobody else",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.act(cmd.Context(), func(s *session) error { return s.exec(cmd.Context(), args) })
		},
	}
	cmd.Flags().SetInterspersed(false)
	a.targetFlags(cmd)
	a.sourceFlags(cmd)
	return cmd
}

func (s *session) exec(ctx context.Context, args []string) error {
	values := s.forExec()
	if err := s.lookAtAnchors(ctx, values); err != nil {
		return err
	}
	if err := s.refuseTwins(values, nil); err != nil {
		return err
	}
	if err := s.maskMade(values); err != nil {
		return err
	}
	h, err := s.handover(values)
	if err != nil {
		return err
	}
	if err := s.addFingerprints(values); err != nil {
		return err
	}
	remove, err := writeFiles(h.files)
	if err != nil {
		return err
	}
	command := child.Command{
		Args: args, Environ: s.Environ, Drop: secretVariables(s.plan), Set: h.variables,
		Stdin: s.In, Stdout: s.Out, Stderr: s.ErrOut, Terminal: s.Terminal,
	}
	if s.readsStdin(values) {
		command.Stdin, command.Terminal = nil, false
	}
	err = command.Run(ctx)
	// The exit code is the command's, which says nothing of a file that is left.
	if left := remove(); left != nil {
		if err == nil {
			return left
		}
		fmt.Fprintf(s.ErrOut, "error: %s\n", printers.EscapeTerminal(left.Error()))
	}
	return err
}

// forExec returns the values that the command gets.
func (s *session) forExec() []*plan.Value {
	var values []*plan.Value
	for _, value := range s.declared() {
		for _, d := range value.To {
			if d.Place().ForExec() {
				values = append(values, value)
				break
			}
		}
	}
	return values
}

// lookAtAnchors reads the values from their sources, and what is generated from its anchor.
// Nothing is written, so what has not been generated yet is missing.
func (s *session) lookAtAnchors(ctx context.Context, values []*plan.Value) error {
	if err := s.gather(values); err != nil {
		return err
	}
	items, err := s.items(values)
	if err != nil {
		return err
	}
	var anchors []transfer.Item
	for _, item := range items {
		if item.Anchor {
			item.LookOnly = true
			anchors = append(anchors, item)
		}
	}
	_, err = transfer.Look(ctx, s.values, anchors)
	return err
}

// maskMade has GitHub mask what was generated, in an earlier run perhaps, and is in one of the
// values: the command may show it.
func (s *session) maskMade(values []*plan.Value) error {
	if !s.run.OnGitHub {
		return nil
	}
	for _, value := range s.needed(values) {
		if want := s.values.Want(value.Name); value.Generate != nil && want.State == transfer.Known {
			if err := workflow.Mask(s.ErrOut, want.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) readsStdin(values []*plan.Value) bool {
	for _, value := range s.needed(values) {
		if value.From != nil && value.From.Stdin {
			return true
		}
	}
	return false
}

// handed is what the command gets.
type handed struct {
	// variables are its environment variables, files those of Terraform variables that are
	// there meanwhile, by their names.
	variables map[string]sensitive.Value
	files     map[string]map[string]sensitive.Value
}

// handover returns what the command gets.
func (s *session) handover(values []*plan.Value) (handed, error) {
	h := handed{variables: map[string]sensitive.Value{}, files: map[string]map[string]sensitive.Value{}}
	for _, value := range values {
		want := s.values.Want(value.Name)
		if want.State == transfer.Absent {
			continue
		}
		if want.Refused != "" {
			return handed{}, fmt.Errorf("%w: value %s: %s", transfer.ErrRefused, value.Name, want.Refused)
		}
		if want.State != transfer.Known {
			return handed{}, fmt.Errorf("value %s %w: %s", value.Name, errNoValue, because(want))
		}
		for _, d := range value.To {
			if !h.add(d, want.Value) {
				return handed{}, fmt.Errorf("%w: value %s goes to %s, and so does a value of another stage: choose with --stage", errUsage, value.Name, d)
			}
		}
	}
	return h, nil
}

// add puts a value where the destination says, unless another is there already.
func (h handed) add(d plan.Destination, value sensitive.Value) bool {
	into, name := h.variables, d.ProcessEnv
	switch d.Place() { //nolint:exhaustive // the others are not for exec
	case plan.ProcessEnv:
	case plan.TerraformVariable:
		name = "TF_VAR_" + d.TerraformVariable
	case plan.TFVarsFile:
		if h.files[d.TFVarsFile] == nil {
			h.files[d.TFVarsFile] = map[string]sensitive.Value{}
		}
		into, name = h.files[d.TFVarsFile], d.Variable
	default:
		return true
	}
	_, twice := into[name]
	into[name] = value
	return !twice
}

func because(want transfer.Want) string {
	if want.Because != "" {
		return want.Because
	}
	return "apply makes it"
}

// writeFiles writes the files of Terraform variables; remove takes them away again.
func writeFiles(files map[string]map[string]sensitive.Value) (remove func() error, err error) {
	var removers []func() error
	remove = func() error {
		var errs []error
		for _, one := range removers {
			errs = append(errs, one())
		}
		return errors.Join(errs...)
	}
	for name, variables := range files {
		one, err := tfvars.Write(".", name, variables)
		if err != nil {
			return nil, errors.Join(err, remove())
		}
		removers = append(removers, one)
	}
	return remove, nil
}
