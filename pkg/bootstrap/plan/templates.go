// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Part is a piece of a template: text as it is, or the value that takes its place.
type Part struct {
	// Text stands for itself; it is empty if Value is not.
	Text string
	// Value is the name of a value.
	Value string
	// As is how the value is written: plain if empty, or url, json, base64.
	As string
}

var reference = regexp.MustCompile(`\{value:([^{}|]+)(?:\|([^{}|]*))?\}`)

// Encodings returns what may stand behind the bar of {value:NAME|ENCODING}.
func Encodings() []string { return []string{"url", "json", "base64"} }

// Parts splits a template. Everything but {value:NAME} and {value:NAME|ENCODING} is text.
func Parts(template string) []Part {
	var parts []Part
	end := 0
	for _, at := range reference.FindAllStringSubmatchIndex(template, -1) {
		if at[0] > end {
			parts = append(parts, Part{Text: template[end:at[0]]})
		}
		part := Part{Value: template[at[2]:at[3]]}
		if at[4] >= 0 {
			part.As = template[at[4]:at[5]]
		}
		parts, end = append(parts, part), at[1]
	}
	if end < len(template) {
		parts = append(parts, Part{Text: template[end:]})
	}
	return parts
}

// References returns the names of the values that a value is made of.
func (v *Value) References() []string {
	if v.From == nil {
		return nil
	}
	var names []string
	for _, part := range Parts(v.From.Template) {
		if part.Value != "" && !slices.Contains(names, part.Value) {
			names = append(names, part.Value)
		}
	}
	return names
}

// perInstance reports whether a value is generated anew for each instance.
func (v *Value) perInstance() bool {
	return v.Generate != nil && v.Anchor() >= 0 && v.To[v.Anchor()].PerInstance()
}

// onlyPerInstance reports whether no place of a value is one for all instances.
func (v *Value) onlyPerInstance() bool {
	return !slices.ContainsFunc(v.To, func(d Destination) bool { return !d.PerInstance() && !d.Place().ForExec() })
}

func (v *validation) templates() {
	byName := map[string]*Value{}
	used := map[string]bool{}
	for i := range v.Values {
		byName[v.Values[i].Name] = &v.Values[i]
	}
	for i := range v.Values {
		value := &v.Values[i]
		v.template(value, byName, []string{"values", strconv.Itoa(i), "from", "template"})
		for _, name := range value.References() {
			used[name] = true
		}
	}
	for i := range v.Values {
		if value := &v.Values[i]; len(value.To) == 0 && !used[value.Name] {
			v.say([]string{"values", strconv.Itoa(i)}, "goes nowhere: it has no to, and no template has it")
		}
	}
	v.cycles(byName)
}

func (v *validation) template(value *Value, byName map[string]*Value, at []string) {
	if value.From == nil || value.From.Template == "" {
		return
	}
	if len(value.References()) == 0 {
		v.say(at, "has no {value:NAME}, and what stands in the plan is no secret")
	}
	for _, part := range Parts(value.From.Template) {
		if strings.Contains(part.Text, "{value:") {
			v.say(at, "has {value: that is not {value:NAME} or {value:NAME|ENCODING}")
		}
		if part.As != "" && !slices.Contains(Encodings(), part.As) {
			v.say(at, "knows no encoding "+part.As+"; there are "+strings.Join(Encodings(), ", "))
		}
	}
	for _, name := range value.References() {
		if other, known := byName[name]; known {
			v.part(value, other, at)
		} else {
			v.say(at, "there is no value "+name)
		}
	}
}

// part checks that a value is there wherever and whenever the other is made of it.
func (v *validation) part(value, part *Value, at []string) {
	if part.Generate != nil && slices.Index(v.Stages, part.Stage) > slices.Index(v.Stages, value.Stage) {
		v.say(at, "value "+part.Name+" is generated in a later stage, "+part.Stage)
	}
	if part.perInstance() && !value.onlyPerInstance() {
		v.say(at, "value "+part.Name+" is another in each instance, but this goes to one place for all")
	}
	for _, environment := range slices.Sorted(maps.Keys(v.Environments)) {
		if value.Serves(environment) && !part.Serves(environment) {
			v.say(at, "value "+part.Name+" is not for environment "+environment)
		}
	}
}

// cycles refuses templates that are made of themselves. It names each cycle once.
func (v *validation) cycles(byName map[string]*Value) {
	const open, done = 1, 2
	state := map[string]int{}
	var visit func(name string, trail []string)
	visit = func(name string, trail []string) {
		value, known := byName[name]
		if !known || state[name] == done {
			return
		}
		trail = append(trail, name)
		if state[name] == open {
			from := slices.Index(trail, name)
			i := slices.IndexFunc(v.Values, func(o Value) bool { return o.Name == name })
			v.say([]string{"values", strconv.Itoa(i), "from", "template"}, "is made of itself: "+strings.Join(trail[from:], " -> "))
			return
		}
		state[name] = open
		for _, next := range value.References() {
			visit(next, trail)
		}
		state[name] = done
	}
	for i := range v.Values {
		visit(v.Values[i].Name, nil)
	}
}

// oneReadsStdin: standard input ends with the first reader.
func (v *validation) oneReadsStdin() {
	first := ""
	for i := range v.Values {
		value := &v.Values[i]
		if value.From == nil || !value.From.Stdin {
			continue
		}
		if first != "" {
			v.say([]string{"values", strconv.Itoa(i), "from", "stdin"}, "value "+first+" reads standard input already")
		}
		first = value.Name
	}
}
