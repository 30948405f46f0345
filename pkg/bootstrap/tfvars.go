// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func writeVariables(name string, variables map[string]sensitive.Value) (func() error, error) {
	return func() error { return nil }, nil
}
