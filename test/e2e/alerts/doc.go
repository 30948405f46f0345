// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package alerts proves that what happens to a SecretSync reaches a person: the real operator is scraped over its
// authenticated endpoint by a real Prometheus, which evaluates the chart's rules with short thresholds, and a real
// Alertmanager tells a receiver, once when it begins and once when it is over. It has tests only.
package alerts
