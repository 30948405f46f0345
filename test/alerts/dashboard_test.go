// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/monitoring"
)

// renderedDashboard returns the panels of the chart's dashboard.
func renderedDashboard(t *testing.T) []monitoring.Panel {
	t.Helper()
	panels, err := monitoring.RenderDashboard(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return panels
}

func TestDashboardHasItsRows(t *testing.T) {
	var rows []string
	ids := map[int]bool{}
	for _, p := range renderedDashboard(t) {
		if ids[p.ID] {
			t.Errorf("%q has the number %d, as another panel", p.Title, p.ID)
		}
		ids[p.ID] = true
		if p.Type == "row" {
			rows = append(rows, p.Title)
			continue
		}
		if len(p.Targets) == 0 {
			t.Errorf("%q draws nothing", p.Title)
		}
		for _, target := range p.Targets {
			if target.Datasource.UID != "${datasource}" {
				t.Errorf("%q asks %q, want what is chosen above", p.Title, target.Datasource.UID)
			}
		}
	}
	want := []string{"Fleet health", "Drift", "Staleness", "Propagation", "Backends", "Revisions and holds", "Fan-out", "Restarts"}
	if !slices.Equal(rows, want) {
		t.Errorf("want the rows %q, got %q", want, rows)
	}
}

// TestDashboardQueriesAreValid has Prometheus' own parser look at them. That they return something is
// tried with the operator.
func TestDashboardQueriesAreValid(t *testing.T) {
	fill := strings.NewReplacer("$namespace", ".+", "$__rate_interval", "2m")
	var rules []any
	for _, p := range renderedDashboard(t) {
		for i, target := range p.Targets {
			rules = append(rules, map[string]any{"record": fmt.Sprintf("panel_%d_%d", p.ID, i), "expr": fill.Replace(target.Expr)})
		}
	}
	run(t, binaries.Promtool, "check", "rules", writeYAML(t, "queries.yaml", map[string]any{
		"groups": []any{map[string]any{"name": "dashboard", "rules": rules}},
	}))
}
