// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package monitoring reads the alerting rules and the dashboard that the chart renders, and runs
// a real Prometheus, a real Alertmanager and a receiver of what they send. It must not know what
// an alert means.
package monitoring
