// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/manifests"
	"github.com/secretsync/secretsync/test/monitoring"
)

const (
	// scrapeInterval is that of Prometheus here.
	scrapeInterval = "2s"
	// stopTimeout bounds the end of a server.
	stopTimeout = 30 * time.Second
)

// shortened are the thresholds with which nobody waits for hours. The others are the chart's own, so that what a
// test does on its way alerts nobody.
func shortened() map[string]any {
	return map[string]any{
		"keepFiringFor": "15s",
		"thresholds": map[string]any{
			"driftRepairedFor": "20s", "backendDownFor": "2s", "staleAfter": "1s", "staleFor": "10s", "heldFor": "3s",
			"credentialExpiresWithin": "1h", "credentialExpiringFor": "2s",
		},
	}
}

// watch is what stands between the operator and a person.
type watch struct {
	prometheus *monitoring.Server
	receiver   *monitoring.Receiver

	mu       sync.Mutex
	expected map[string]bool
}

// newWatch starts everything for the test.
func newWatch(t *testing.T, w *harness.World) *watch {
	t.Helper()
	receiver := monitoring.NewReceiver()
	t.Cleanup(receiver.Close)
	alertmanager, err := monitoring.NewAlertmanager(t.TempDir(), alertmanagerConfig(t, receiver.URL()))
	start(t, alertmanager, err)
	prometheus, err := monitoring.NewPrometheus(t.TempDir(), prometheusConfig(t, w, alertmanager.Address()))
	start(t, prometheus, err)
	watching := &watch{prometheus: prometheus, receiver: receiver, expected: map[string]bool{}}
	watching.awaitQuery(t, "secretsync_leader == 1")
	return watching
}

// awaitQuery waits until a query finds something.
func (w *watch) awaitQuery(t *testing.T, query string) {
	t.Helper()
	harness.Await(t, query, func() string {
		now := time.Now()
		if found, err := w.prometheus.Numbers(t.Context(), query, now, now, time.Second); err != nil || found == 0 {
			return fmt.Sprintf("Prometheus finds nothing (%v)", err)
		}
		return ""
	})
}

func start(t *testing.T, server *monitoring.Server, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(server.Log())
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), stopTimeout)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// alertmanagerConfig tells the receiver of each alert by itself, and holds the inhibitions that are shipped.
func alertmanagerConfig(t *testing.T, url string) map[string]any {
	t.Helper()
	text, err := manifests.File(t.Context(), "docs/operations/alerts/inhibit.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	config["route"] = map[string]any{
		"receiver": "test", "group_by": []string{"..."}, "group_wait": "0s", "group_interval": "1s", "repeat_interval": "24h",
	}
	config["receivers"] = []any{map[string]any{
		"name": "test", "webhook_configs": []any{map[string]any{"url": url, "send_resolved": true}},
	}}
	return config
}

// prometheusConfig scrapes the operator as the Prometheus Operator would: with the target's namespace in the way
// of the object's.
func prometheusConfig(t *testing.T, w *harness.World, alertmanager string) map[string]any {
	t.Helper()
	rules, err := monitoring.RenderRules(t.Context(), shortened())
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	static := func(address string, labels map[string]string) []any {
		return []any{map[string]any{"targets": []string{address}, "labels": labels}}
	}
	return map[string]any{
		"global":     map[string]any{"scrape_interval": scrapeInterval, "scrape_timeout": scrapeInterval, "evaluation_interval": "1s"},
		"rule_files": []string{file(t, "rules.yaml", string(text))},
		"alerting": map[string]any{"alertmanagers": []any{map[string]any{
			"static_configs": static(alertmanager, nil),
		}}},
		"scrape_configs": []any{map[string]any{
			"job_name": "secretsync", "scheme": "https",
			"authorization":  map[string]any{"credentials_file": file(t, "token", scraper(t, w, "prometheus", true))},
			"tls_config":     map[string]any{"insecure_skip_verify": true}, // the operator signs for itself
			"static_configs": static(w.Operator.Metrics(), map[string]string{"namespace": harness.Home, "pod": "secretsync-0"}),
		}},
	}
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// expect waits until the receiver was told that the alert with exactly these labels, besides its severity, fires.
func (w *watch) expect(t *testing.T, name string, labels map[string]string) monitoring.Alert {
	t.Helper()
	w.mu.Lock()
	w.expected[key(name, labels)] = true
	w.mu.Unlock()
	return w.await(t, name, labels, "firing")
}

// resolved waits until the receiver was told that it is over, and wants it to have been told of nothing else.
func (w *watch) resolved(t *testing.T, name string, labels map[string]string) {
	t.Helper()
	w.await(t, name, labels, "resolved")
	var states []string
	for _, alert := range w.receiver.Told() {
		if key(alert.Labels["alertname"], alert.Labels) == key(name, labels) {
			states = append(states, alert.Status)
		}
	}
	if got := strings.Join(states, ", "); got != "firing, resolved" {
		t.Errorf("%s was told as %s, want firing and resolved, once each", key(name, labels), got)
	}
}

func (w *watch) await(t *testing.T, name string, labels map[string]string, status string) (found monitoring.Alert) {
	t.Helper()
	harness.Await(t, fmt.Sprintf("%s to be told as %s", key(name, labels), status), func() string {
		for _, alert := range w.receiver.Told() {
			if alert.Status == status && key(alert.Labels["alertname"], alert.Labels) == key(name, labels) {
				found = alert
				return ""
			}
		}
		return "it is not, but " + w.summary()
	})
	return found
}

// nothingElse fails the test if the receiver was told what nobody expected.
func (w *watch) nothingElse(t *testing.T) {
	t.Helper()
	for _, alert := range w.receiver.Told() {
		if told := key(alert.Labels["alertname"], alert.Labels); !w.expected[told] {
			t.Errorf("%s was told as %s, and nothing was wrong", told, alert.Status)
		}
		for name, text := range alert.Annotations {
			if text == "" || strings.Contains(text, "<no value>") || strings.Contains(text, "error") {
				t.Errorf("the %s of %s is %q", name, alert.Labels["alertname"], text)
			}
		}
	}
}

func (w *watch) summary() string {
	var told []string
	for _, alert := range w.receiver.Told() {
		told = append(told, alert.Status+" "+key(alert.Labels["alertname"], alert.Labels))
	}
	return strings.Join(told, "; ")
}

// key names an alert.
func key(name string, labels map[string]string) string {
	own := maps.Clone(labels)
	delete(own, "alertname")
	delete(own, "severity")
	return fmt.Sprintf("%s%v", name, own) // maps are printed in order
}
