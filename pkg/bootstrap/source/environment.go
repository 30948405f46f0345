// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"maps"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Environment is environment variables, each of which may be a secret.
type Environment struct {
	variables map[string]sensitive.Value
}

// NewEnvironment reads a list as os.Environ returns it.
func NewEnvironment(environ []string) Environment {
	e := Environment{variables: make(map[string]sensitive.Value, len(environ))}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			e.variables[name] = sensitive.FromString(value)
		}
	}
	return e
}

// Lookup returns a variable. One that is set to nothing counts as not set: that is how GitHub
// passes a secret that does not exist.
func (e Environment) Lookup(name string) (sensitive.Value, bool) {
	value, ok := e.variables[name]
	return value, ok && value.Len() > 0
}

// Plain returns a variable that is no secret, such as GITHUB_REF; empty if it is not set.
func (e Environment) Plain(name string) string { return string(e.variables[name].Reveal()) }

// Names returns the names of all variables, sorted.
func (e Environment) Names() []string { return slices.Sorted(maps.Keys(e.variables)) }
