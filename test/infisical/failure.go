// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// issue is what zod says of one field.
type issue struct {
	Code     string   `json:"code"`
	Expected string   `json:"expected,omitempty"`
	Received string   `json:"received,omitempty"`
	Options  []string `json:"options,omitempty"`
	Path     []string `json:"path"`
	Message  string   `json:"message"`
}

// invalid is a request that does not have the form it must have.
type invalid struct{ issues []issue }

func (i *invalid) Error() string { return fmt.Sprintf("%d issues", len(i.issues)) }

func required(field string) issue {
	return issue{Code: "invalid_type", Expected: "string", Received: "undefined", Path: []string{field}, Message: "Required"}
}

// failure is the body of every refusal.
type failure struct {
	ReqID      string `json:"reqId"`
	StatusCode int    `json:"statusCode"`
	Message    any    `json:"message"`
	Name       string `json:"error"`
	Details    any    `json:"details,omitempty"`
	// FieldErrors is what the rewrite in Go says of invalid requests.
	FieldErrors any `json:"fieldErrors,omitempty"`
}

// writeFailure answers with a refusal.
func (s *server) writeFailure(w http.ResponseWriter, err error) {
	var refused *store.Error
	var wrong *invalid
	body := failure{ReqID: requestID()}
	switch {
	case errors.As(err, &refused):
		body.StatusCode, body.Name, body.Message, body.Details = refused.Status, refused.Name, refused.Message, refused.Details
	case errors.As(err, &wrong) && s.behavior.InvalidIs400:
		fields := map[string][]string{}
		for _, i := range wrong.issues {
			fields[i.Path[0]] = append(fields[i.Path[0]], i.Message)
		}
		body.StatusCode, body.Name, body.Message, body.FieldErrors = http.StatusBadRequest, "ValidationFailure", "Validation failed", fields
	case errors.As(err, &wrong):
		body.StatusCode, body.Name, body.Message = http.StatusUnprocessableEntity, "ValidationFailure", wrong.issues
	default:
		body.StatusCode, body.Name, body.Message = http.StatusInternalServerError, "InternalServerError", "Something went wrong"
	}
	writeJSON(w, body.StatusCode, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // all bodies are types of this package
	}
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// requestID is like fastify's: req- and 14 letters or digits.
func requestID() string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := []byte("req-")
	for range 14 {
		id = append(id, alphabet[rand.IntN(len(alphabet))])
	}
	return string(id)
}
