// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fillIn writes the defaults into a plan.
func (p *Plan) fillIn() {
	if p.Name == "" {
		p.Name = DefaultName
	}
	if len(p.Stages) == 0 {
		p.Stages = DefaultStages()
	}
	for i := range p.Values {
		for j := range p.Values[i].To {
			to := &p.Values[i].To[j]
			if to.Write == "" && !to.Place().ForExec() {
				to.Write = IfAbsent
			}
		}
	}
	if access := p.OperatorAccess; access != nil && access.Stage == "" {
		access.Stage = p.Stages[len(p.Stages)-1]
	}
}

// validation collects what is wrong with a plan beyond its schema.
type validation struct {
	*Plan

	where *locator
	found Problems
}

func (p *Plan) validate(where *locator) Problems {
	v := &validation{Plan: p, where: where}
	v.stages()
	v.environments()
	names := map[string]bool{}
	for i := range p.Values {
		at := []string{"values", strconv.Itoa(i)}
		value := &p.Values[i]
		if names[value.Name] {
			v.say(below(at, "name"), "another value is called "+value.Name+" already")
		}
		names[value.Name] = true
		v.value(value, at)
	}
	v.destinationsAreDistinct()
	v.oneReadsStdin()
	v.templates()
	v.access()
	return v.found
}

func (v *validation) say(path []string, message string) {
	v.found = append(v.found, Problem{Line: v.where.line(path), Field: fieldName(path), Message: message})
}

func (v *validation) stages() {
	seen := map[string]bool{}
	for i, stage := range v.Stages {
		if seen[stage] {
			v.say([]string{"stages", strconv.Itoa(i)}, "stage "+stage+" is there twice")
		}
		seen[stage] = true
	}
}

func (v *validation) stage(stage string, at []string) {
	if !slices.Contains(v.Stages, stage) {
		v.say(below(at, "stage"), "there is no stage "+stage+"; the stages are "+strings.Join(v.Stages, ", "))
	}
}

func (v *validation) environments() {
	claimed := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(v.Environments)) {
		at := []string{"environments", name}
		environment := v.Environments[name]
		if _, err := regexp.Compile(environment.Instances); err != nil {
			v.say(below(at, "instances"), "is not a regular expression")
		}
		claim := environment.Claim(name)
		if other, taken := claimed[claim]; taken {
			v.say(at, "has the GitHub environment "+claim+", as "+other+" has: a run for one could act for the other")
		}
		claimed[claim] = name
	}
}

// Claim returns what the claim environment of a run's token must be for the environment of
// this name.
func (e Environment) Claim(name string) string {
	if e.GitHub != nil {
		return e.GitHub.Environment
	}
	return name
}

func (v *validation) value(value *Value, at []string) {
	v.stage(value.Stage, at)
	for i, name := range value.Only {
		path := below(at, "only", strconv.Itoa(i))
		switch _, known := v.Environments[name]; {
		case !known:
			v.say(path, "there is no environment "+name)
		case slices.Contains(value.Only[:i], name):
			v.say(path, "environment "+name+" is there twice")
		}
	}
	if (value.From == nil) == (value.Generate == nil) {
		v.say(at, "needs either from or generate")
	}
	if value.Generate != nil && value.DistinctPerEnvironment {
		v.say(below(at, "distinctPerEnvironment"), "is for values that come from a source; what is generated is another in each environment")
	}
	switch {
	case value.Check == nil:
	case value.Generate != nil:
		v.say(below(at, "check"), "is for values that come from a source; what is generated is as generate says")
	default:
		v.check(value.Check, below(at, "check"))
	}
	for i := range value.To {
		v.destination(value, value.To[i], below(at, "to", strconv.Itoa(i)))
	}
	v.anchor(value, at)
}

func (v *validation) check(c *Check, at []string) {
	if _, err := regexp.Compile(c.Pattern); err != nil {
		v.say(below(at, "pattern"), "is not a regular expression of the RE2 kind")
	}
	if c.MaxLength > 0 && c.MinLength > c.MaxLength {
		v.say(below(at, "minLength"), "is more than maxLength")
	}
	if c.NotExpiredFor == "" {
		return
	}
	if _, err := time.ParseDuration(c.NotExpiredFor); err != nil {
		v.say(below(at, "notExpiredFor"), "is not a duration such as 168h")
	}
	if c.Format != FormatPEM && c.Format != FormatJWT {
		v.say(below(at, "notExpiredFor"), "needs format PEM or JWT: nothing else says when it expires")
	}
}

// anchor checks where a generated value is copied from.
func (v *validation) anchor(value *Value, at []string) {
	to := below(at, "to")
	anchors := 0
	for i, d := range value.To {
		if !d.Anchor {
			continue
		}
		anchors++
		path := below(to, strconv.Itoa(i), "anchor")
		switch {
		case value.Generate == nil:
			v.say(path, "is for values that are generated")
		case d.Place().ForExec() || d.Write == Verify:
			v.say(path, "must be a place that is written and can be read back")
		case anchors > 1:
			v.say(path, "there is an anchor already")
		}
	}
	if value.Generate != nil {
		v.copies(value, at)
	}
}

// copies checks the places of a generated value against the one that it is copied from.
func (v *validation) copies(value *Value, at []string) {
	first := value.Anchor()
	if first < 0 {
		v.say(at, "is generated and needs a place that it can be read back from: kubernetesSecret, vault or infisical")
		return
	}
	path := below(at, "to", strconv.Itoa(first))
	if value.To[first].Write == Overwrite {
		v.say(below(path, "write"), "is the anchor, which keeps what was generated; use the command rotate to change it")
	}
	for _, d := range value.To {
		if d.PerInstance() != value.To[first].PerInstance() && !d.Place().ForExec() {
			v.say(path, "is the anchor; either all places of a generated value have {instance} or none")
			return
		}
	}
}

func (v *validation) access() {
	access := v.OperatorAccess
	if access == nil {
		return
	}
	at := []string{"operatorAccess"}
	v.stage(access.Stage, at)
	for _, environment := range v.Environments {
		if environment.Vault != nil {
			return
		}
	}
	v.say(at, "no environment has a vault")
}
