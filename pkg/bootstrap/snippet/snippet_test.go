// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package snippet_test

import (
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/snippet"
)

// TestNamesOfEnvironmentsStayNames, whatever GitHub calls them.
func TestNamesOfEnvironmentsStayNames(t *testing.T) {
	for _, claim := range []string{"prod", "prod # eu", "eu: prod", "\"eu\"", "7", "no", "prod\\eu", "Zürich"} {
		p := &plan.Plan{Stages: []string{"infra"}, Environments: map[string]plan.Environment{"prod": {GitHub: &plan.GitHub{Environment: claim}}}}
		var workflow struct {
			Jobs map[string]struct{ Environment any }
		}
		if err := yaml.Unmarshal([]byte(snippet.GitHub(p, snippet.Options{Environments: []string{"prod"}, Version: "v0.1.0"})), &workflow); err != nil {
			t.Errorf("%q: %v", claim, err)
		}
		if got := workflow.Jobs["prod"].Environment; got != claim {
			t.Errorf("environment %v, want %q", got, claim)
		}
	}
}
