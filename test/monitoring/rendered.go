// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/manifests"
)

// errNotRendered is the error for a chart that lacks what was asked for.
var errNotRendered = errors.New("the chart does not render it")

// RuleFile is a file of rules as Prometheus reads it; a PrometheusRule has the same as its spec.
type RuleFile struct {
	Groups []RuleGroup `json:"groups"`
}

// RuleGroup is rules that are evaluated one after the other.
type RuleGroup struct {
	Name  string `json:"name"`
	Rules []Rule `json:"rules"`
}

// Rule records or alerts.
type Rule struct {
	Record        string            `json:"record,omitempty"`
	Alert         string            `json:"alert,omitempty"`
	Expr          string            `json:"expr"`
	For           string            `json:"for,omitempty"`
	KeepFiringFor string            `json:"keep_firing_for,omitempty"`
	Labels        map[string]string `json:"labels,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// Alerts returns the rules that alert.
func (f RuleFile) Alerts() []Rule {
	var found []Rule
	for _, group := range f.Groups {
		for _, rule := range group.Rules {
			if rule.Alert != "" {
				found = append(found, rule)
			}
		}
	}
	return found
}

// RenderRules returns the rules of the chart, with values for what is below alerts. A field that
// this package does not know is an error.
func RenderRules(ctx context.Context, values map[string]any) (RuleFile, error) {
	alerts := maps.Clone(values)
	if alerts == nil {
		alerts = map[string]any{}
	}
	alerts["enabled"] = true
	object, err := render(ctx, map[string]any{"alerts": alerts}, func(o *unstructured.Unstructured) bool {
		return o.GetKind() == "PrometheusRule"
	})
	if err != nil {
		return RuleFile{}, fmt.Errorf("rendering the alerting rules: %w", err)
	}
	text, err := yaml.Marshal(object.Object["spec"])
	if err != nil {
		return RuleFile{}, fmt.Errorf("encoding the alerting rules: %w", err)
	}
	var rules RuleFile
	if err := yaml.UnmarshalStrict(text, &rules); err != nil {
		return RuleFile{}, fmt.Errorf("reading the alerting rules: %w", err)
	}
	return rules, nil
}

// Panel is a part of the dashboard: a row, or what Grafana draws.
type Panel struct {
	ID      int      `json:"id"`
	Type    string   `json:"type"`
	Title   string   `json:"title"`
	Targets []Target `json:"targets"`
}

// Target is a query of a panel.
type Target struct {
	Datasource struct {
		UID string `json:"uid"`
	} `json:"datasource"`
	Expr string `json:"expr"`
}

// RenderDashboard returns the panels of the chart's dashboard.
func RenderDashboard(ctx context.Context) ([]Panel, error) {
	values := map[string]any{"dashboard": map[string]any{"enabled": true}}
	object, err := render(ctx, values, func(o *unstructured.Unstructured) bool {
		return o.GetKind() == "ConfigMap" && o.GetLabels()["grafana_dashboard"] == "1"
	})
	if err != nil {
		return nil, fmt.Errorf("rendering the dashboard: %w", err)
	}
	text, _, err := unstructured.NestedString(object.Object, "data", "secretsync.json")
	if err != nil {
		return nil, fmt.Errorf("reading the dashboard: %w", err)
	}
	var dashboard struct {
		Panels []Panel `json:"panels"`
	}
	if err := json.Unmarshal([]byte(text), &dashboard); err != nil {
		return nil, fmt.Errorf("reading the dashboard: %w", err)
	}
	return dashboard.Panels, nil
}

// render renders the chart and returns the object that is asked for.
func render(ctx context.Context, values map[string]any, is func(*unstructured.Unstructured) bool) (*unstructured.Unstructured, error) {
	chart, err := manifests.RenderChart(ctx, "platform", values)
	if err != nil {
		return nil, err
	}
	for _, object := range chart.Objects {
		if is(object) {
			return object, nil
		}
	}
	return nil, errNotRendered
}
