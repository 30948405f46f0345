// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/bootstrap/workflow"
)

// session is one command at work for one environment.
type session struct {
	*app

	plan    *plan.Plan
	stages  []string
	target  plan.Environment
	run     workflow.Run
	servers *servers
	values  *transfer.Values
}

// enter begins to act for the environment that the flags name, if this run may.
func (a *app) enter(ctx context.Context) (*session, error) {
	p, err := a.load()
	if err != nil {
		return nil, err
	}
	s := &session{app: a, plan: p, run: a.workflowRun(), values: transfer.NewValues()}
	if s.stages, err = a.onStages(p); err != nil {
		return nil, err
	}
	if err := s.chooseTarget(); err != nil {
		return nil, err
	}
	if err := s.guard(ctx); err != nil {
		return nil, err
	}
	s.servers, err = s.connect()
	return s, err
}

// act enters, and leaves the servers as they were found: no login of ours outlives the command.
func (a *app) act(ctx context.Context, command func(*session) error) error {
	s, err := a.enter(ctx)
	if err != nil {
		return err
	}
	err = command(s)
	if failed := s.servers.close(ctx); failed != nil {
		fmt.Fprintf(s.ErrOut, "WARNING: a login could not be ended: %v\n", failed)
	}
	return err
}

func (s *session) chooseTarget() error {
	known := strings.Join(slices.Sorted(maps.Keys(s.plan.Environments)), ", ")
	if s.flags.environment == "" {
		return fmt.Errorf("%w: name the environment with -e; there are %s", errUsage, known)
	}
	var ok bool
	if s.target, ok = s.plan.Environments[s.flags.environment]; !ok {
		return fmt.Errorf("%w: there is no environment %s; there are %s", errUsage, s.flags.environment, known)
	}
	switch {
	case s.flags.instance == "":
		return nil
	case s.target.Instances == "":
		return fmt.Errorf("%w: environment %s has no instances", errUsage, s.flags.environment)
	case !s.target.HasInstance(s.flags.instance):
		return fmt.Errorf("%w: %q is no instance of environment %s: it must be a name of DNS and match %s", errUsage, s.flags.instance, s.flags.environment, s.target.Instances)
	}
	return nil
}

// declared returns the values of the stages that are asked for, in the order of the stages.
// Those of instances are for a run with one, and only they are, but for what exec passes on.
func (s *session) declared() []*plan.Value {
	var declared []*plan.Value
	for _, stage := range s.stages {
		for i := range s.plan.Values {
			value := &s.plan.Values[i]
			if value.Stage == stage && value.Serves(s.flags.environment) && s.has(value) && slices.ContainsFunc(value.To, s.here) {
				declared = append(declared, value)
			}
		}
	}
	return declared
}

// placed returns the declared values that go to a place which is there without exec.
func (s *session) placed() []*plan.Value {
	return slices.DeleteFunc(s.declared(), func(value *plan.Value) bool {
		return !slices.ContainsFunc(value.To, func(d plan.Destination) bool { return s.here(d) && !d.Place().ForExec() })
	})
}

// has reports whether there is such a value in this run: one that is generated for each
// instance is not, unless an instance is named.
func (s *session) has(value *plan.Value) bool {
	return s.flags.instance != "" || value.Generate == nil || !value.To[value.Anchor()].PerInstance()
}

// here reports whether a destination is one in this run.
func (s *session) here(d plan.Destination) bool {
	return d.Place().ForExec() || d.PerInstance() == (s.flags.instance != "")
}

// needed returns the values and all that they are made of, each once.
func (s *session) needed(values []*plan.Value) []*plan.Value {
	var needed []*plan.Value
	var add func(value *plan.Value)
	add = func(value *plan.Value) {
		if slices.Contains(needed, value) {
			return
		}
		needed = append(needed, value)
		for _, name := range value.References() {
			add(s.value(name))
		}
	}
	for _, value := range values {
		add(value)
	}
	return needed
}

// value returns the value of a name, which the plan has.
func (s *session) value(name string) *plan.Value {
	i := slices.IndexFunc(s.plan.Values, func(v plan.Value) bool { return v.Name == name })
	if i < 0 {
		return nil
	}
	return &s.plan.Values[i]
}

// items returns the values at their places, except those for exec. Of what they are made of,
// but which is not asked for, the anchors are looked at.
func (s *session) items(values []*plan.Value) ([]transfer.Item, error) {
	var items []transfer.Item
	for _, value := range s.needed(values) {
		asked := slices.Contains(values, value)
		for i, d := range value.To {
			anchor := value.Generate != nil && i == value.Anchor()
			lookOnly := !asked || !s.here(d)
			if d.Place().ForExec() || d.PerInstance() && s.flags.instance == "" || lookOnly && !anchor {
				continue
			}
			place, err := s.servers.place(d.In(s.flags.environment, s.flags.instance))
			if err != nil {
				return nil, fmt.Errorf("value %s: %w", value.Name, err)
			}
			items = append(items, transfer.Item{
				Value: value.Name, Stage: value.Stage, Place: place, Mode: d.Write,
				Owner: s.owner(value, d), Generated: value.Generate != nil, Anchor: anchor, LookOnly: lookOnly,
			})
		}
	}
	return items, nil
}

func (s *session) owner(value *plan.Value, d plan.Destination) destination.Owner {
	owner := destination.Owner{Plan: s.plan.Name, Value: value.Name, Environment: s.flags.environment}
	if d.PerInstance() {
		owner.Instance = s.flags.instance
	}
	return owner
}

// survey reads the values, checks them, looks at their places and those of further items, and
// refuses values that should differ between the environments and do not.
func (s *session) survey(ctx context.Context, purpose transfer.Purpose, values []*plan.Value, further ...transfer.Item) (*transfer.Survey, error) {
	if err := s.gather(values); err != nil {
		return nil, err
	}
	items, err := s.items(values)
	if err != nil {
		return nil, err
	}
	survey, err := transfer.Look(ctx, s.values, append(items, further...))
	if err != nil {
		return nil, err
	}
	return survey, s.refuseTwins(values, survey.Steps(purpose))
}
