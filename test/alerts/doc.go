// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package alerts owns the proof of the chart's alerting rules: each alert fires when it should
// and not in the nearest innocent case, whichever way the metrics are scraped, and each leads to
// a page that says what to do. Promtool evaluates the rules and reads the queries of the dashboard,
// amtool reads the inhibitions. It holds tests only, and starts no server.
package alerts
