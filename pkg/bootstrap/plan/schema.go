// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed schema.json
var schema []byte

// schemaURL is the name of the schema; nothing is fetched from there.
const schemaURL = "https://secretsync.io/schemas/bootstrap-v1alpha1.json"

// Schema returns the JSON schema of a plan (draft 2020-12).
func Schema() []byte { return bytes.Clone(schema) }

// violations returns where a plan is not as the schema wants it.
func violations(value any, where *locator) Problems {
	compiled, err := compile()
	if err != nil {
		return Problems{{Message: err.Error()}}
	}
	err = compiled.Validate(value)
	if err == nil {
		return nil
	}
	wrong, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return Problems{{Message: "the plan cannot be checked against its schema"}}
	}
	return leaves(wrong, where, message.NewPrinter(language.English))
}

func compile() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return nil, fmt.Errorf("adding the schema: %w", err)
	}
	compiled, err := compiler.Compile(schemaURL)
	if err != nil {
		return nil, fmt.Errorf("compiling the schema: %w", err)
	}
	return compiled, nil
}

// leaves returns the violations that have no cause below them, which are those that say what
// is wrong.
func leaves(err *jsonschema.ValidationError, where *locator, printer *message.Printer) Problems {
	var found Problems
	for _, cause := range err.Causes {
		found = append(found, leaves(cause, where, printer)...)
	}
	if len(found) > 0 {
		return found
	}
	at := err.InstanceLocation
	switch k := err.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			path := below(at, name)
			found = append(found, Problem{Line: where.line(path), Field: fieldName(path), Message: "there is no such field"})
		}
		return found
	case *kind.Required:
		return Problems{{Line: where.line(at), Field: fieldName(at), Message: "misses " + strings.Join(k.Missing, ", ")}}
	case *kind.Pattern:
		return Problems{{Line: where.line(at), Field: fieldName(at), Message: "must match " + k.Want}}
	case *kind.PropertyNames:
		path := below(at, k.Property)
		return Problems{{Line: where.line(path), Field: fieldName(path), Message: "is not a valid name"}}
	default:
		return Problems{{Line: where.line(at), Field: fieldName(at), Message: k.LocalizedString(printer)}}
	}
}
