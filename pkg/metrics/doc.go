// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package metrics owns what the operator tells Prometheus: the names, labels and help of its
// metrics, and the counts behind them. Labels are bounded by the objects of the cluster and
// the words of the API; none holds a path, a key or a value. It must not ask anything of
// anybody: what is true of objects and backends now is handed to it when it is asked.
package metrics
