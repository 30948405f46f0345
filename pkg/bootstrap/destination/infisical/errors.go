// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
)

// words are those of the plan.
func words() login.Plan { return login.Plan{Name: "Infisical", Field: "infisical"} }

// worded returns an error of the backend in the words of a plan.
func worded(err error) error { return words().Reworded(err) }

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
