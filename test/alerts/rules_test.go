// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/manifests"
	"github.com/secretsync/secretsync/test/monitoring"
)

const (
	plainRules = "docs/operations/alerts/secretsync.rules.yaml"
	runbooks   = "docs/runbooks"
	runbookURL = "https://github.com/secretsync/secretsync/blob/main/docs/runbooks/"
)

// renderedRules returns the rules of the chart, with values for what is below alerts.
func renderedRules(t *testing.T, values map[string]any) monitoring.RuleFile {
	t.Helper()
	rules, err := monitoring.RenderRules(t.Context(), values)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func repositoryFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := manifests.File(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// run starts one of the tools that check, and fails the test with what it says.
func run(t *testing.T, tool string, args ...string) {
	t.Helper()
	path, err := binaries.Path(tool)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", tool, strings.Join(args, " "), err, out)
	}
}

// writeYAML writes a file of the test and returns its path.
func writeYAML(t *testing.T, name string, content any) string {
	t.Helper()
	text, err := yaml.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRulesAreOffByDefault(t *testing.T) {
	chart, err := manifests.RenderChart(t.Context(), "platform", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range chart.Objects {
		if object.GetKind() == "PrometheusRule" {
			t.Error("want no PrometheusRule where nobody asked for one: its kind may not be there")
		}
	}
}

func TestRulesAreValid(t *testing.T) {
	run(t, binaries.Promtool, "check", "rules", "--lint=all", "--lint-fatal", writeYAML(t, "rules.yaml", renderedRules(t, nil)))
}

// TestPlainRulesAreTheCharts keeps the file for those without the Prometheus Operator.
func TestPlainRulesAreTheCharts(t *testing.T) {
	var plain monitoring.RuleFile
	if err := yaml.UnmarshalStrict(repositoryFile(t, plainRules), &plain); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain, renderedRules(t, nil)); diff != "" {
		t.Errorf("run make generate (-%s +chart):\n%s", plainRules, diff)
	}
}

// TestEveryValueCounts changes each value below alerts and wants to find it in the rules.
func TestEveryValueCounts(t *testing.T) {
	var values struct {
		Alerts struct {
			Thresholds map[string]any `json:"thresholds"`
		} `json:"alerts"`
	}
	if err := yaml.Unmarshal(repositoryFile(t, "helm/secretsync/values.yaml"), &values); err != nil {
		t.Fatal(err)
	}
	changed := map[string]any{}
	want := map[string]string{}
	for name, value := range values.Alerts.Thresholds {
		if _, isNumber := value.(float64); isNumber {
			changed[name], want[name] = 4711, "4711"
			continue
		}
		minutes := 4000 + len(changed)
		changed[name] = fmt.Sprintf("%dm", minutes)
		want[name] = fmt.Sprintf(`\b%dm\b|\b%d\b`, minutes, 60*minutes)
	}
	rules, err := yaml.Marshal(renderedRules(t, map[string]any{
		"thresholds": changed, "keepFiringFor": "3999m", "pageNamespaces": "paged.*", "namespaceExclude": "quiet.*",
		"severities": map[string]any{"page": "wake", "ticket": "queue", "info": "tell"}, "runbooks": "https://wiki.test/secretsync",
	}))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(want, map[string]string{
		"keepFiringFor": "3999m", "pageNamespaces": `paged\.\*`, "namespaceExclude": `quiet\.\*`,
		"severities.page": "severity: wake", "severities.ticket": "severity: queue", "severities.info": "severity: tell",
		"runbooks": "https://wiki.test/secretsync/SecretSyncStale.md",
	})
	for name, pattern := range want {
		if !regexp.MustCompile(pattern).Match(rules) {
			t.Errorf("value %s: want %q in the rules", name, pattern)
		}
	}
	if regexp.MustCompile(`\$\{`).Match(rules) {
		t.Errorf("want nothing left to fill in:\n%s", rules)
	}
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	pages := map[string]bool{}
	severities := map[string]int{}
	for _, alert := range renderedRules(t, nil).Alerts() {
		severities[alert.Labels["severity"]]++
		for _, name := range []string{"summary", "description"} {
			if alert.Annotations[name] == "" {
				t.Errorf("%s has no %s", alert.Alert, name)
			}
		}
		if got, want := alert.Annotations["runbook_url"], runbookURL+alert.Alert+".md"; got != want {
			t.Errorf("%s has the runbook %q, want %q", alert.Alert, got, want)
		}
		page := string(repositoryFile(t, filepath.Join(runbooks, alert.Alert+".md")))
		pages[alert.Alert+".md"] = true
		for _, part := range []string{"# " + alert.Alert + "\n", "\n## Meaning\n", "\n## Impact\n", "\n## Diagnosis\n", "\n## What to do\n", "\n## When to silence\n"} {
			if !strings.Contains(page, part) {
				t.Errorf("the runbook of %s lacks %q", alert.Alert, part)
			}
		}
	}
	if severities["critical"] != 1 || severities["critical"]+severities["warning"]+severities["info"] != len(pages) {
		t.Errorf("want one alert that pages, and the others to be tickets or told, got %v", severities)
	}
	root, err := manifests.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, runbooks, "SecretSync*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !pages[filepath.Base(file)] {
			t.Errorf("%s is a runbook of no alert", filepath.Base(file))
		}
	}
}
