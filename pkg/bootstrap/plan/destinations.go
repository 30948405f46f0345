// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func (v *validation) destination(value *Value, d Destination, at []string) {
	if named := d.places(); len(named) != 1 {
		v.say(at, "must name exactly one of processEnv, terraformVariable, tfvarsFile, kubernetesSecret, vault, infisical")
		return
	}
	place := d.Place()
	v.companions(d, at)
	if place.ForExec() && d.Write != "" {
		v.say(below(at, "write"), "has no meaning here: the place is there only while exec runs")
	}
	if place == TFVarsFile && !filepath.IsLocal(d.TFVarsFile) {
		v.say(below(at, "tfvarsFile"), "must lie below the folder that exec runs in")
	}
	v.path(d, at)
	v.reachable(value, d, at)
}

// companions checks the fields that go with one kind of place.
func (v *validation) companions(d Destination, at []string) {
	for _, companion := range companions() {
		given, its := companion.of(d) != "", companion.place == d.Place()
		switch {
		case given && !its:
			v.say(below(at, companion.name), "belongs to "+string(companion.place)+", which this is not")
		case !given && its && companion.required:
			v.say(at, "needs "+companion.name)
		}
	}
}

// companion is a field that goes with one kind of place.
type companion struct {
	name     string
	place    Place
	required bool
	of       func(Destination) string
}

func companions() []companion {
	return []companion{
		{name: "variable", place: TFVarsFile, required: true, of: func(d Destination) string { return d.Variable }},
		{name: "key", place: KubernetesSecret, required: true, of: func(d Destination) string { return d.Key }},
		{name: "type", place: KubernetesSecret, of: func(d Destination) string { return d.Type }},
		{name: "credential", place: KubernetesSecret, of: func(d Destination) string { return told(d.Credential) }},
		{name: "field", place: VaultEntry, required: true, of: func(d Destination) string { return d.Field }},
		{name: "mount", place: VaultEntry, of: func(d Destination) string { return d.Mount }},
	}
}

func told(flag bool) string {
	if flag {
		return "true"
	}
	return ""
}

// path checks the segments and placeholders of a place.
func (v *validation) path(d Destination, at []string) {
	at = below(at, string(d.Place()))
	text := d.Vault + d.KubernetesSecret + d.Infisical
	if strings.ContainsAny(strings.NewReplacer(InstancePlaceholder, "", environmentPlaceholder, "").Replace(text), "{}") {
		v.say(at, "knows no placeholders but {instance} and {environment}")
	}
	for segment := range strings.SplitSeq(text+"/"+d.Mount, "/") {
		if segment == "." || segment == ".." {
			v.say(at, "has the segment "+segment)
		}
	}
	if strings.ContainsAny(d.Mount, "{}") {
		v.say(at, "has a placeholder in its mount")
	}
	if mount, path := d.KV(); d.Vault != "" && (path == "" || strings.ContainsAny(mount, "{}")) {
		v.say(at, "must be MOUNT/PATH, or a path with the field mount beside it")
	}
}

// reachable checks that every environment that the value is for has what the place needs.
func (v *validation) reachable(value *Value, d Destination, at []string) {
	const remedy = "; give it one, or say with only which environments the value is for"
	for _, name := range slices.Sorted(maps.Keys(v.Environments)) {
		environment := v.Environments[name]
		if !value.Serves(name) {
			continue
		}
		switch place := d.Place(); {
		case place == VaultEntry && environment.Vault == nil:
			v.say(at, "environment "+name+" has no vault"+remedy)
		case place == InfisicalSecret && environment.Infisical == nil:
			v.say(at, "environment "+name+" has no infisical"+remedy)
		case value.issued() && environment.Vault == nil:
			v.say(at, "the value is issued by Vault, and environment "+name+" has no vault"+remedy)
		case d.PerInstance() && environment.Instances == "":
			v.say(at, "has {instance}, but environment "+name+" has no instances")
		}
	}
}

// issued reports whether Vault issues the value.
func (v *Value) issued() bool { return v.Generate != nil && v.Generate.VaultAppRole != nil }

// destinationsAreDistinct refuses two values, or one twice, that would take turns in one place.
func (v *validation) destinationsAreDistinct() {
	told := map[[2]int]bool{}
	for _, environment := range slices.Sorted(maps.Keys(v.Environments)) {
		taken := map[string]string{}
		for i := range v.Values {
			value := &v.Values[i]
			if !value.Serves(environment) {
				continue
			}
			for j, d := range value.To {
				place := d.In(environment, "").String()
				if d.Place() == TerraformVariable {
					place = "environment variable TF_VAR_" + d.TerraformVariable
				}
				if d.Place().ForExec() {
					place += " in stage " + value.Stage // exec runs for one, such as terraform plan with less rights
				}
				if other, twice := taken[place]; twice && d.Place() != "" && !told[[2]int{i, j}] {
					told[[2]int{i, j}] = true
					v.say([]string{"values", strconv.Itoa(i), "to", strconv.Itoa(j)}, "value "+other+" goes to "+d.String()+" already (environment "+environment+")")
				}
				taken[place] = value.Name
			}
		}
	}
}
