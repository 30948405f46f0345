// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"os"
	"testing"

	"github.com/secretsync/secretsync/test/e2e/harness"
)

var suite = harness.NewSuite(harness.Options{ //nolint:gochecknoglobals // One world serves all tests.
	Args: []string{"--metrics-auth=Kubernetes"}, Values: fields{"clusterSecretSyncs": fields{"enabled": true}},
})

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// fields keeps the tests short.
type fields = map[string]any
