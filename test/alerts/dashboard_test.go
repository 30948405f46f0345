// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/manifests"
)

// panel is what Grafana draws, as far as the tests look at it.
type panel struct {
	ID      int    `json:"id"`
	Type    string `json:"type"`
	Title   string `json:"title"`
	Targets []struct {
		Datasource struct {
			UID string `json:"uid"`
		} `json:"datasource"`
		Expr string `json:"expr"`
	} `json:"targets"`
}

// renderedDashboard returns the panels of the chart's dashboard.
func renderedDashboard(t *testing.T) []panel {
	t.Helper()
	chart, err := manifests.RenderChart(t.Context(), "platform", map[string]any{"dashboard": map[string]any{"enabled": true}})
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range chart.Objects {
		if object.GetLabels()["grafana_dashboard"] != "1" {
			continue
		}
		data, ok := object.Object["data"].(map[string]any)
		if !ok || object.GetKind() != "ConfigMap" {
			t.Fatalf("want the dashboard in a ConfigMap, got %v", object.GetKind())
		}
		text, ok := data["secretsync.json"].(string)
		if !ok {
			t.Fatalf("want the dashboard as secretsync.json, got %v", data)
		}
		var dashboard struct {
			Panels []panel `json:"panels"`
		}
		if err := json.Unmarshal([]byte(text), &dashboard); err != nil {
			t.Fatal(err)
		}
		return dashboard.Panels
	}
	t.Fatal("the chart renders no dashboard")
	return nil
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
	want := []string{"Fleet health", "Drift", "Staleness", "Propagation", "Backends", "Revisions and holds"}
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
