// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package environments

import (
	"os"
	"testing"

	"github.com/secretsync/secretsync/test/e2e/harness"
)

var suite = harness.NewSuite(harness.Options{}) //nolint:gochecknoglobals // One world serves all tests.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// texts keeps the tests short.
type texts = map[string]string

// Names in the example.
const (
	dev, staging, prod = "dev", "staging", "prod"
	preview            = "preview"
	// entry is where each environment keeps what app is about.
	entry = "payments/db"
	// app is the SecretSync that is the same in each.
	app = "payments-db"
)

// environments are those with a file of their own.
func environments() []string { return []string{dev, staging, prod} }

// valuesOf are the values of entry in an environment.
func valuesOf(environment string) texts {
	return texts{"DB_USERNAME": "user of " + environment, "DB_PASSWORD": "password of " + environment}
}
