// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
)

// worded returns an error of the backend in the words of a plan.
func worded(err error) error {
	return login.Reworded(err, strings.NewReplacer(
		"the JWT of spec.infisical.auth.oidc.tokenRef", "the OIDC token of this run",
		`the token of Secret "/login"`, "the Infisical token",
		"spec.infisical.", "the plan's infisical.",
	))
}

// fault names the place in an error of its server.
func (s *secret) fault(err error) error {
	if err == nil {
		return nil
	}
	if fault.Is(err, fault.Conflict) {
		return s.changed()
	}
	return login.At(s.Describe(), worded(err))
}
