// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package snippet

import (
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/source"
)

// Options say what is wanted of a pipeline.
type Options struct {
	// Environments are those that it serves, in their order.
	Environments []string
	// File is the path of the plan.
	File string
	// Version is the tag of the helper's release.
	Version string
	// PlanStage and ApplyStage are the stages whose values terraform plan and terraform apply
	// get; empty are the first and the last that have values for exec.
	PlanStage, ApplyStage string
}

// program is the helper.
const program = "secretsync-bootstrap"

// command is the helper with the plan's flag, where the plan is not where it is looked for.
func (o Options) command(words ...string) string {
	words = append([]string{program}, words...)
	if o.File != "" && o.File != "bootstrap.yaml" {
		words = slices.Insert(words, 2, "-f", o.File)
	}
	return strings.Join(words, " ")
}

// stages returns what terraform plan and terraform apply get; both are empty if the plan has
// nothing for a command.
func (o Options) stages(p *plan.Plan, environment string) (planStage, applyStage string) {
	var all []string
	for _, stage := range p.Stages {
		if (target{Plan: p, environment: environment, stage: stage, picks: forExec}).has() {
			all = append(all, stage)
		}
	}
	if len(all) > 0 {
		planStage, applyStage = all[0], all[len(all)-1]
	}
	if o.PlanStage != "" {
		planStage = o.PlanStage
	}
	if o.ApplyStage != "" {
		applyStage = o.ApplyStage
	}
	return planStage, applyStage
}

func forExec(v plan.Value) bool {
	return slices.ContainsFunc(v.To, func(d plan.Destination) bool { return d.Place().ForExec() })
}

// written reports whether a value goes to a place that apply writes, of an instance or not.
func written(v plan.Value, instance bool) bool {
	return slices.ContainsFunc(v.To, func(d plan.Destination) bool { return !d.Place().ForExec() && d.PerInstance() == instance })
}

// target is what a step acts for: some values of a stage in an environment.
type target struct {
	*plan.Plan

	environment, stage string
	// picks says which values.
	picks func(plan.Value) bool
}

// has reports whether there is such a value.
func (of target) has() bool {
	return slices.ContainsFunc(of.Values, func(v plan.Value) bool { return v.Stage == of.stage && v.Serves(of.environment) && of.picks(v) })
}

// shared and ofInstance pick the values that apply writes without and with an instance.
func shared(v plan.Value) bool     { return written(v, false) }
func ofInstance(v plan.Value) bool { return written(v, true) }

// variables returns the environment variables that the values are read from, sorted, what they
// are made of included.
func (of target) variables() []string {
	var names []string
	for _, v := range of.values() {
		if v.From != nil {
			names = append(names, source.Variables(*v.From, of.environment)...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// compares reports whether one of the values should differ from that of another environment.
func (of target) compares() bool {
	return slices.ContainsFunc(of.values(), func(v *plan.Value) bool {
		serves := 0
		for environment := range of.Environments {
			if v.Serves(environment) {
				serves++
			}
		}
		return v.DistinctPerEnvironment && serves > 1
	})
}

// values returns the values and what they are made of, each once.
func (of target) values() []*plan.Value {
	var values []*plan.Value
	var add func(v *plan.Value)
	add = func(v *plan.Value) {
		if slices.Contains(values, v) {
			return
		}
		values = append(values, v)
		for _, name := range v.References() {
			if i := slices.IndexFunc(of.Values, func(o plan.Value) bool { return o.Name == name }); i >= 0 {
				add(&of.Values[i])
			}
		}
	}
	for i := range of.Values {
		if v := &of.Values[i]; v.Stage == of.stage && v.Serves(of.environment) && of.picks(*v) {
			add(v)
		}
	}
	return values
}

// text collects lines.
type text struct{ strings.Builder }

func (t *text) line(parts ...string) {
	for _, part := range parts {
		t.WriteString(part)
	}
	t.WriteByte('\n')
}
