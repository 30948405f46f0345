// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command externalsecrets asks an Infisical server through the provider of External Secrets, as that
// operator does for a SecretStore, and prints what came back. It is a module of its own, because that
// provider brings the kinds of every other one with it.
//
// The release is one whose provider calls the API by code of its own, from before it went over to
// Infisical's SDK for Go, which the folder above asks itself. It knows a secret by its name in the
// store's folder, not yet by an absolute path.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/external-secrets/external-secrets/pkg/provider/infisical/api"

	esv1beta1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1beta1"
)

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "externalsecrets:", err)
		os.Exit(1)
	}
}

// run reads a given as JSON, and writes an answer to each of its questions by their names.
func run(ctx context.Context, in io.Reader, out io.Writer) error {
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	var g given
	if err := decoder.Decode(&g); err != nil {
		return fmt.Errorf("reading the questions: %w", err)
	}
	answers := make(map[string]answer, len(g.Questions))
	for name, q := range g.Questions {
		a, err := q.ask(ctx, g)
		if err != nil {
			return fmt.Errorf("asking %q: %w", name, err)
		}
		answers[name] = a
	}
	return json.NewEncoder(out).Encode(answers)
}

// answer is what the provider returned: values by key, or why there are none.
type answer struct {
	Values map[string]string `json:"values,omitempty"`
	// Missing is set if the provider takes the secret for deleted.
	Missing bool `json:"missing,omitempty"`
	// Status is that of a refusal which the provider could read.
	Status int `json:"status,omitempty"`
}

// answered makes an answer of what a method of the provider returned. An error that is no refusal of
// the server is returned.
func answered(values map[string][]byte, err error) (answer, error) {
	var refused *api.InfisicalAPIError
	switch {
	case errors.Is(err, esv1beta1.NoSecretErr):
		return answer{Missing: true}, nil
	case errors.As(err, &refused):
		return answer{Status: refused.StatusCode}, nil
	case err != nil:
		return answer{}, err
	}
	a := answer{Values: make(map[string]string, len(values))}
	for key, value := range values {
		a.Values[key] = string(value)
	}
	return a, nil
}
