// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package source owns where values come from: variables, files, standard input, the whole of
// GitHub's secrets, templates, and chance. What it reads is passed in: it must not read the
// environment, open a file or ask a clock by itself, and it must not judge or write a value.
package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// AllSecretsVariable is the environment variable that holds what toJSON(secrets) makes.
const AllSecretsVariable = "SECRETSYNC_ALL_SECRETS"

// MaxBytes is what one value may have at most: as much as a Secret.
const MaxBytes = 1 << 20

// Reasons of the errors.
const (
	// ReasonUnreadable: a file or standard input could not be read, or is too large.
	ReasonUnreadable = "SourceUnreadable"
	// ReasonNotAllowed: the whole of GitHub's secrets is not to be read.
	ReasonNotAllowed = "SourceNotAllowed"
	// ReasonMalformed: what should be an object of secrets is none.
	ReasonMalformed = "SourceMalformed"
)

// Inputs is what values come from.
type Inputs struct {
	// Environment is the environment variables.
	Environment Environment
	// Open opens a file.
	Open func(name string) (io.ReadCloser, error)
	// Stdin is standard input.
	Stdin io.Reader
	// AllSecrets allows to look into the whole of GitHub's secrets.
	AllSecrets bool
}

// Read returns the value that a source has for an environment; ok is false if there is none.
// Templates have none here: see Render.
func (in Inputs) Read(from plan.Source, environment string) (value sensitive.Value, ok bool, err error) {
	from = from.In(environment)
	switch {
	case from.Env != "":
		value, ok = in.Environment.Lookup(from.Env)
		return value, ok, nil
	case from.TerraformVariable != "":
		value, ok = in.Environment.Lookup(terraformPrefix + from.TerraformVariable)
		return value, ok, nil
	case from.File != "":
		return in.file(from.File)
	case from.Stdin:
		return bounded(in.Stdin, "standard input")
	case from.AllSecrets != "":
		return in.secret(from.AllSecrets)
	default:
		return sensitive.Value{}, false, nil
	}
}

// terraformPrefix is how Terraform knows a variable in the environment.
const terraformPrefix = "TF_VAR_"

// Variables returns the names of the environment variables that a source is read from.
func Variables(from plan.Source, environment string) []string {
	from = from.In(environment)
	switch {
	case from.Env != "":
		return []string{from.Env}
	case from.TerraformVariable != "":
		return []string{terraformPrefix + from.TerraformVariable}
	case from.AllSecrets != "":
		return []string{AllSecretsVariable}
	default:
		return nil
	}
}

// Describe names a source for people.
func Describe(from plan.Source, environment string) string {
	from = from.In(environment)
	switch {
	case from.Env != "":
		return "environment variable " + from.Env
	case from.TerraformVariable != "":
		return "environment variable " + terraformPrefix + from.TerraformVariable
	case from.File != "":
		return "file " + from.File
	case from.Stdin:
		return "standard input"
	case from.AllSecrets != "":
		return from.AllSecrets + " of all secrets"
	default:
		return "template"
	}
}

func (in Inputs) file(name string) (sensitive.Value, bool, error) {
	file, err := in.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return sensitive.Value{}, false, nil
	}
	if err != nil {
		return sensitive.Value{}, false, fault.New(fault.InvalidSpec, ReasonUnreadable, "file %s cannot be opened", name).Because(err)
	}
	defer func() { _ = file.Close() }()
	return bounded(file, "file "+name)
}

func bounded(from io.Reader, what string) (sensitive.Value, bool, error) {
	content, err := io.ReadAll(io.LimitReader(from, MaxBytes+1))
	if err != nil {
		return sensitive.Value{}, false, fault.New(fault.InvalidSpec, ReasonUnreadable, "%s cannot be read", what).Because(err)
	}
	if len(content) > MaxBytes {
		return sensitive.Value{}, false, fault.New(fault.InvalidContent, ReasonUnreadable, "%s has more than %d bytes", what, MaxBytes)
	}
	return sensitive.New(content), len(content) > 0, nil
}

// secret takes one out of all. The decoder's errors quote the text, so they are not passed on.
func (in Inputs) secret(name string) (sensitive.Value, bool, error) {
	if !in.AllSecrets {
		return sensitive.Value{}, false, fault.New(fault.InvalidSpec, ReasonNotAllowed,
			"reading all secrets of the repository is not allowed: name each one (from: {env: %s}), or pass --allow-all-secrets", name)
	}
	all, ok := in.Environment.Lookup(AllSecretsVariable)
	if !ok {
		return sensitive.Value{}, false, fault.New(fault.InvalidSpec, ReasonMalformed,
			"%s is not set: pass it as ${{ toJSON(secrets) }}", AllSecretsVariable)
	}
	var secrets map[string]string
	if json.Unmarshal(all.Reveal(), &secrets) != nil {
		return sensitive.Value{}, false, fault.New(fault.InvalidContent, ReasonMalformed,
			"%s is no object of texts: pass it as ${{ toJSON(secrets) }}", AllSecretsVariable)
	}
	value, ok := secrets[name]
	return sensitive.FromString(value), ok && value != "", nil
}

// errEncoding cannot happen with a plan that Parse let through.
var errEncoding = errors.New("unknown encoding")

// encode writes a value as a template asks.
func encode(value sensitive.Value, as string) ([]byte, error) {
	if write, ok := encoders()[as]; ok {
		return write(value.Reveal())
	}
	return nil, fmt.Errorf("%w %q", errEncoding, as)
}
