// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package login

import (
	"errors"
	"strings"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Reworded returns an error of a backend in the words of a plan: in a backend's, there are a
// SecretBackend and the operator's flags. More says what else is to be replaced.
func Reworded(err error, more *strings.Replacer) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	return rewritten(f, more.Replace(strings.NewReplacer(
		`key "token" of Secret "/login" is empty or holds characters that no token has`,
		"there is no usable login: run where an OIDC token of the run can be had, or give a token",
		"; the operator's flag --allow-http-backends permits http", ", except at a loopback address",
		"within spec.limits.timeout", "in time",
	).Replace(f.Message)))
}

// At returns an error with the place before its message.
func At(place string, err error) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	return rewritten(f, place+": "+f.Message)
}

// With returns an error with more behind its message.
func With(err error, more string) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	return rewritten(f, f.Message+more)
}

// rewritten returns an error with another message.
func rewritten(f *fault.Error, message string) error {
	again := fault.New(f.Class, f.Reason, "%s", message).After(f.RetryAfter)
	if cause := errors.Unwrap(f); cause != nil {
		return again.Because(cause)
	}
	return again
}
