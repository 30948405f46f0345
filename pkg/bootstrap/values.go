// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"fmt"
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/check"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/source"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/bootstrap/workflow"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// gather reads the values and what they are made of from their sources, and checks them. All
// that is wrong is told at once.
func (s *session) gather(values []*plan.Value) error {
	needed := s.needed(values)
	wrong, err := s.read(s.inputs(), needed)
	if err != nil {
		return err
	}
	if why := s.run.WithoutSecrets(); len(wrong) > 0 && why != "" {
		wrong = append(wrong, why)
	}
	for _, value := range needed {
		wrong = append(wrong, s.checked(value)...)
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%w:\n  %s", errValues, strings.Join(wrong, "\n  "))
}

// inputs is what values come from.
func (s *session) inputs() source.Inputs {
	return source.Inputs{Environment: s.environment, Open: openFile, Stdin: s.In, AllSecrets: s.flags.allSecrets}
}

// read reads values from their sources, and returns which are missing.
func (s *session) read(in source.Inputs, values []*plan.Value) (missing []string, err error) {
	for _, value := range values {
		switch {
		case value.Generate != nil:
			s.values.SetMaker(value.Name, s.masked(s.maker(value)))
		case value.From.Template != "":
			s.values.SetTemplate(value.Name, value.From.Template)
		default:
			found, ok, err := in.Read(*value.From, s.flags.environment)
			switch {
			case err != nil:
				return nil, fmt.Errorf("value %s: %w", value.Name, err)
			case ok:
				s.values.Set(value.Name, found)
			case check.Required(value.Check):
				missing = append(missing, s.told(value, "is not set, or empty"))
			}
		}
	}
	return missing, nil
}

// told says something of a value, with where it comes from.
func (s *session) told(value *plan.Value, message string) string {
	from := "generated"
	if value.From != nil {
		from = source.Describe(*value.From, s.flags.environment)
	}
	return fmt.Sprintf("value %s (%s) %s", value.Name, from, message)
}

// checked returns what is wrong with a value, if it is known or never will be.
func (s *session) checked(value *plan.Value) []string {
	want := s.values.Want(value.Name)
	if want.State == transfer.Absent {
		return s.incomplete(value)
	}
	if want.State != transfer.Known {
		return nil
	}
	var wrong []string
	for _, finding := range check.Value(value.Check, want.Value, s.Clock.Now()) {
		wrong = append(wrong, s.told(value, finding.Message))
	}
	return wrong
}

// incomplete returns which parts a template lacks that may be absent by themselves, where what is
// made of them may not.
func (s *session) incomplete(value *plan.Value) []string {
	if !check.Required(value.Check) {
		return nil
	}
	var lacking []string
	for _, name := range value.References() {
		if part := s.value(name); s.values.Want(name).State == transfer.Absent && !check.Required(part.Check) {
			lacking = append(lacking, s.told(value, "is made of value "+name+", which is not set: set it, or let this one be absent, too (check: {required: false})"))
		}
	}
	return lacking
}

// maker makes a value that comes from no source.
func (s *session) maker(value *plan.Value) transfer.Maker {
	if role := value.Generate.VaultAppRole; role != nil {
		return s.servers.issuer(role).Issue
	}
	return func(context.Context) (sensitive.Value, error) { return source.Generate(*value.Generate, s.Random) }
}

// masked has GitHub mask what is made, before anything can show it.
func (s *session) masked(maker transfer.Maker) transfer.Maker {
	return func(ctx context.Context) (sensitive.Value, error) {
		value, err := maker(ctx)
		if err == nil && s.run.OnGitHub {
			err = workflow.Mask(s.ErrOut, value)
		}
		return value, err
	}
}
