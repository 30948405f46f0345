// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"net/http"
)

// Error is a refusal, as the server words it.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Name is the field error of the answer, such as NotFound.
	Name string
	// Message is the field message.
	Message string
	// Details is the field details, if there is one.
	Details any
}

// Error returns the refusal in one line.
func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Name, e.Message) }

// Detail says which permission was missing.
type Detail struct {
	Action     string         `json:"action"`
	Inverted   bool           `json:"inverted"`
	Subject    string         `json:"subject"`
	Conditions map[string]any `json:"conditions"`
}

// BadRequest is what the server refuses with 400.
func BadRequest(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Name: "BadRequest", Message: fmt.Sprintf(format, args...)}
}

// NotFound is what the server does not have; name is NotFound or a name of its own.
func NotFound(name, format string, args ...any) *Error {
	return &Error{Status: http.StatusNotFound, Name: name, Message: fmt.Sprintf(format, args...)}
}

// Forbidden is a refusal that is not about one permission.
func Forbidden(name, format string, args ...any) *Error {
	return &Error{Status: http.StatusForbidden, Name: name, Message: fmt.Sprintf(format, args...)}
}

// Denied is the refusal for want of a permission.
func Denied(action, subject string) *Error {
	return &Error{
		Status:  http.StatusForbidden,
		Name:    "PermissionDenied",
		Message: fmt.Sprintf("You are not allowed to %s on %s", action, subject),
		Details: []Detail{{Action: action, Subject: subject, Conditions: map[string]any{}}},
	}
}
