// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"crypto/tls"
	"net/http"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Metrics returns what the operator tells Prometheus now, by the name of the metric.
func (w *World) Metrics(tb testing.TB) map[string]*dto.MetricFamily {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, "https://"+w.Operator.Metrics()+"/metrics", nil)
	Must(tb, err)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}} //nolint:gosec // it signs for itself
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	Must(tb, err)
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		tb.Fatalf("the metrics endpoint answers %s", response.Status)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(response.Body)
	Must(tb, err)
	return families
}

// Metric returns the value of the only series of a metric that is about a SecretSync of the
// tenant and has the given labels, in pairs; ok is false if there is none.
func (n *Tenant) Metric(tb testing.TB, metric, name string, labels ...string) (value float64, ok bool) {
	tb.Helper()
	family := n.Metrics(tb)[metric]
	labels = append(labels, "namespace", n.Namespace, "name", name)
	for _, series := range family.GetMetric() {
		if !labelled(series, labels) {
			continue
		}
		if ok {
			tb.Fatalf("there are several series of %s with %v", metric, labels)
		}
		value, ok = series.GetGauge().GetValue()+series.GetCounter().GetValue(), true
	}
	return value, ok
}

// labelled reports whether a series has labels, given in pairs.
func labelled(series *dto.Metric, labels []string) bool {
	has := map[string]string{}
	for _, pair := range series.GetLabel() {
		has[pair.GetName()] = pair.GetValue()
	}
	for i := 0; i+1 < len(labels); i += 2 {
		if has[labels[i]] != labels[i+1] {
			return false
		}
	}
	return true
}
