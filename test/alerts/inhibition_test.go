// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/binaries"
)

const inhibitions = "docs/operations/alerts/inhibit.yaml"

type inhibition struct {
	Source []string `json:"source_matchers"`
	Target []string `json:"target_matchers"`
	Equal  []string `json:"equal"`
}

func readInhibitions(t *testing.T) []inhibition {
	t.Helper()
	var file struct {
		Rules []inhibition `json:"inhibit_rules"`
	}
	if err := yaml.UnmarshalStrict(repositoryFile(t, inhibitions), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Rules) == 0 {
		t.Fatal("want some inhibitions")
	}
	return file.Rules
}

// TestInhibitionsAreValid puts the snippet into the smallest configuration around it.
func TestInhibitionsAreValid(t *testing.T) {
	run(t, binaries.Amtool, "check-config", writeYAML(t, "alertmanager.yaml", map[string]any{
		"route":         map[string]any{"receiver": "nobody"},
		"receivers":     []any{map[string]any{"name": "nobody"}},
		"inhibit_rules": readInhibitions(t),
	}))
}

// TestInhibitionsNameAlerts finds a name that no alert has, which would silence nothing.
func TestInhibitionsNameAlerts(t *testing.T) {
	matcher := regexp.MustCompile(`^alertname=~?"([A-Za-z|]+)"$`)
	labels := alertLabels(t)
	for _, rule := range readInhibitions(t) {
		for _, text := range slices.Concat(rule.Source, rule.Target) {
			match := matcher.FindStringSubmatch(text)
			if match == nil {
				t.Errorf("the matcher %q names no alerts", text)
				continue
			}
			for name := range strings.SplitSeq(match[1], "|") {
				for _, label := range rule.Equal {
					if label != "cluster" && !slices.Contains(labels[name], label) {
						t.Errorf("%s has no label %q, by which it would be told apart", name, label)
					}
				}
			}
		}
	}
}

// alertLabels returns the labels of each alert, as its firing cases prove them.
func alertLabels(t *testing.T) map[string][]string {
	t.Helper()
	labels := map[string][]string{}
	for alert, cases := range allCases(t) {
		for _, c := range cases.Firing {
			for _, a := range c.Alerts {
				for label := range a.Labels {
					labels[alert] = append(labels[alert], label)
				}
			}
		}
	}
	return labels
}
