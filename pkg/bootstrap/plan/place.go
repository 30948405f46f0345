// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"regexp"
	"slices"
	"strings"
)

// Place is a kind of destination.
type Place string

// The kinds of destinations, each the name of its field.
const (
	ProcessEnv        Place = "processEnv"
	TerraformVariable Place = "terraformVariable"
	TFVarsFile        Place = "tfvarsFile"
	KubernetesSecret  Place = "kubernetesSecret"
	VaultEntry        Place = "vault"
	InfisicalSecret   Place = "infisical"
)

// ForExec reports whether the place is there only while exec runs its command.
func (p Place) ForExec() bool {
	return p == ProcessEnv || p == TerraformVariable || p == TFVarsFile
}

// places returns the places that a destination names; a good one names one.
func (d Destination) places() []Place {
	var named []Place
	for place, text := range map[Place]string{
		ProcessEnv: d.ProcessEnv, TerraformVariable: d.TerraformVariable, TFVarsFile: d.TFVarsFile,
		KubernetesSecret: d.KubernetesSecret, VaultEntry: d.Vault, InfisicalSecret: d.Infisical,
	} {
		if text != "" {
			named = append(named, place)
		}
	}
	slices.Sort(named)
	return named
}

// Place returns the kind of a destination that Parse let through.
func (d Destination) Place() Place {
	if named := d.places(); len(named) == 1 {
		return named[0]
	}
	return ""
}

// String names the destination for people, and no other alike.
func (d Destination) String() string {
	switch d.Place() {
	case ProcessEnv:
		return "environment variable " + d.ProcessEnv
	case TerraformVariable:
		return "Terraform variable " + d.TerraformVariable
	case TFVarsFile:
		return "file " + d.TFVarsFile + " variable " + d.Variable
	case KubernetesSecret:
		return "Secret " + d.KubernetesSecret + " key " + d.Key
	case VaultEntry:
		mount, path := d.KV()
		return "vault " + mount + "/" + path + " field " + d.Field
	case InfisicalSecret:
		return "infisical " + d.Infisical
	default:
		return "nowhere"
	}
}

// KV returns the mount of the KV engine and the path below it.
func (d Destination) KV() (mount, path string) {
	if d.Mount != "" {
		return d.Mount, d.Vault
	}
	mount, path, _ = strings.Cut(d.Vault, "/")
	return mount, path
}

// Namespaced returns the two parts of NAMESPACE/NAME.
func Namespaced(text string) (namespace, name string) {
	namespace, name, _ = strings.Cut(text, "/")
	return namespace, name
}

// Placeholders of destinations.
const (
	// InstancePlaceholder stands for the name of the instance.
	InstancePlaceholder    = "{instance}"
	environmentPlaceholder = "{environment}"
)

// PerInstance reports whether each instance of an environment has a place of its own here.
func (d Destination) PerInstance() bool {
	return strings.Contains(d.Vault+d.KubernetesSecret+d.Infisical, InstancePlaceholder)
}

// In returns the destination in an environment, and in one instance of it unless that is empty.
func (d Destination) In(environment, instance string) Destination {
	pairs := []string{environmentPlaceholder, environment}
	if instance != "" {
		pairs = append(pairs, InstancePlaceholder, instance)
	}
	fill := strings.NewReplacer(pairs...)
	d.Vault, d.KubernetesSecret, d.Infisical = fill.Replace(d.Vault), fill.Replace(d.KubernetesSecret), fill.Replace(d.Infisical)
	return d
}

// In returns the name of the variable for an environment, in upper case and with underscores.
func (s Source) In(environment string) Source {
	upper := strings.ReplaceAll(strings.ToUpper(environment), "-", "_")
	s.Env = strings.ReplaceAll(s.Env, environmentPlaceholder, upper)
	return s
}

// PerEnvironment reports whether the variable of every environment has a name of its own.
func (s Source) PerEnvironment() bool { return strings.Contains(s.Env, environmentPlaceholder) }

// Serves reports whether the value is for an environment.
func (v *Value) Serves(environment string) bool {
	return len(v.Only) == 0 || slices.Contains(v.Only, environment)
}

// Anchor returns the index of the destination that a generated value is copied from; -1 if
// there is none.
func (v *Value) Anchor() int {
	if i := slices.IndexFunc(v.To, func(d Destination) bool { return d.Anchor }); i >= 0 {
		return i
	}
	return slices.IndexFunc(v.To, func(d Destination) bool { return d.Place() != "" && !d.Place().ForExec() && d.Write != Verify })
}

// instanceName is what an instance may be called whatever the plan's pattern says: one label
// of DNS, so that it is one segment wherever it is put.
var instanceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// HasInstance reports whether the environment may have an instance of that name.
func (e Environment) HasInstance(name string) bool {
	if e.Instances == "" || !instanceName.MatchString(name) {
		return false
	}
	pattern, err := regexp.Compile(`\A(?:` + e.Instances + `)\z`)
	return err == nil && pattern.MatchString(name)
}
