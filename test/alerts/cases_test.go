// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/monitoring"
)

// alertCases is a file of testdata, which is named after its alert.
type alertCases struct {
	Severity string               `json:"severity"`
	Firing   map[string]alertCase `json:"firing"`
	Innocent map[string]alertCase `json:"innocent"`
}

// alertCase is what the operator tells for a while, and what the alert makes of it.
type alertCase struct {
	Reason string `json:"reason"`
	// At is the moment of the question, as a duration since the first sample.
	At string `json:"at"`
	// Sample is the time between two samples, a minute if empty.
	Sample string `json:"sample"`
	// Values of the chart below alerts.
	Values map[string]any `json:"values"`
	// Series are the metrics as the operator exports them, each with its samples in promtool's notation. The
	// label instance tells replicas apart.
	Series map[string]string `json:"series"`
	// Alerts that fire then.
	Alerts []firingAlert `json:"alerts"`
}

type firingAlert struct {
	Labels      map[string]string `json:"labels"`
	Summary     string            `json:"summary"`
	Description string            `json:"description"`
}

// scrape is a way in which Prometheus labels what it reads from the operator.
type scrape struct {
	job string
	// relabelled says that labels of the target win over those of the metric, which move aside: what the
	// Prometheus Operator does unless a ServiceMonitor has honorLabels.
	relabelled bool
}

func scrapes() map[string]scrape {
	return map[string]scrape{
		"Plain":      {job: "operators"},
		"Relabelled": {job: "secretsync", relabelled: true},
	}
}

var (
	metricName     = regexp.MustCompile(`^[a-z0-9_]+`)
	namespaceLabel = regexp.MustCompile(`\bnamespace="`)
	instanceLabel  = regexp.MustCompile(`,?\binstance="([^"]*)"`)
)

// series names a metric as Prometheus stores it.
func (s scrape) series(exported string) string {
	name := metricName.FindString(exported)
	if !strings.HasPrefix(name, "secretsync_") {
		return exported
	}
	labels := strings.Trim(strings.TrimPrefix(exported, name), "{}")
	replica := "a"
	if match := instanceLabel.FindStringSubmatch(labels); match != nil {
		replica = match[1]
		labels = strings.Trim(instanceLabel.ReplaceAllString(labels, ""), ",")
	}
	target := fmt.Sprintf(`job=%q,instance="%s:8443"`, s.job, replica)
	if s.relabelled {
		labels = namespaceLabel.ReplaceAllString(labels, `exported_namespace="`)
		target += fmt.Sprintf(`,namespace="platform",pod="secretsync-%s",container="operator",endpoint="metrics",service="secretsync"`, replica)
	}
	return fmt.Sprintf("%s{%s}", name, strings.Trim(labels+","+target, ","))
}

// TestEveryAlertHasCases keeps alerts and cases together.
func TestEveryAlertHasCases(t *testing.T) {
	all := allCases(t)
	for _, alert := range renderedRules(t, nil).Alerts() {
		cases, known := all[alert.Alert]
		if !known {
			t.Errorf("%s has no cases", alert.Alert)
			continue
		}
		delete(all, alert.Alert)
		if len(cases.Firing) == 0 || len(cases.Innocent) == 0 {
			t.Errorf("%s has %d cases in which it fires and %d in which it does not, want some of each",
				alert.Alert, len(cases.Firing), len(cases.Innocent))
		}
		if cases.Severity != alert.Labels["severity"] {
			t.Errorf("%s has severity %q, want %q", alert.Alert, alert.Labels["severity"], cases.Severity)
		}
	}
	for name := range all {
		t.Errorf("there are cases of %s, which is no alert", name)
	}
}

func TestAlerts(t *testing.T) {
	rules := rulesByValues{}
	for alert, cases := range allCases(t) {
		for name, c := range cases.Firing {
			if len(c.Alerts) == 0 || len(c.Series) == 0 {
				t.Errorf("%s: the firing case %s proves nothing", alert, name)
			}
		}
		for name, c := range cases.Innocent {
			if len(c.Alerts) > 0 || len(c.Series) == 0 {
				t.Errorf("%s: the innocent case %s proves nothing", alert, name)
			}
		}
		for how, s := range scrapes() {
			t.Run(alert+"/"+how, func(t *testing.T) {
				args := []string{"test", "rules"}
				for group, byName := range map[string]map[string]alertCase{"firing": cases.Firing, "innocent": cases.Innocent} {
					for name, c := range byName {
						test := c.unitTest(alert, cases.Severity, s)
						test["name"] = fmt.Sprintf("%s when %s (%s)", group, name, c.Reason)
						args = append(args, writeYAML(t, "test.yaml", map[string]any{
							"rule_files": []string{rules.file(t, c.Values)}, "evaluation_interval": c.sample(), "tests": []any{test},
						}))
					}
				}
				run(t, binaries.Promtool, args...)
			})
		}
	}
}

// rulesByValues are the chart's rules, rendered once for each set of values.
type rulesByValues map[string]monitoring.RuleFile

// file writes the rules for the values into a file of the test.
func (r rulesByValues) file(t *testing.T, values map[string]any) string {
	t.Helper()
	key := fmt.Sprint(values)
	if _, known := r[key]; !known {
		r[key] = renderedRules(t, values)
	}
	return writeYAML(t, "rules.yaml", r[key])
}

// sample is the time between two samples, and between two evaluations.
func (c alertCase) sample() string { return cmp.Or(c.Sample, "1m") }

// unitTest words the case as promtool reads it.
func (c alertCase) unitTest(alert, severity string, s scrape) map[string]any {
	var input []any
	for _, exported := range slices.Sorted(maps.Keys(c.Series)) {
		input = append(input, map[string]any{"series": s.series(exported), "values": c.Series[exported]})
	}
	expected := []any{}
	for _, a := range c.Alerts {
		labels := map[string]string{"severity": severity}
		for name, value := range a.Labels {
			labels[name] = strings.ReplaceAll(value, "$JOB", s.job)
		}
		expected = append(expected, map[string]any{"exp_labels": labels, "exp_annotations": map[string]string{
			"summary": a.Summary, "description": a.Description, "runbook_url": runbookURL + alert + ".md",
		}})
	}
	return map[string]any{
		"interval": c.sample(), "input_series": input,
		"alert_rule_test": []any{map[string]any{"eval_time": c.At, "alertname": alert, "exp_alerts": expected}},
	}
}

// allCases reads testdata.
func allCases(t *testing.T) map[string]alertCases {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("finding cases: %v", err)
	}
	all := map[string]alertCases{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases alertCases
		if err := yaml.UnmarshalStrict(text, &cases); err != nil {
			t.Fatalf("reading %s: %v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".yaml")] = cases
	}
	return all
}
