// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"testing"

	"github.com/secretsync/secretsync/test/e2e/rights"
)

// CompareRights fails the test if the chart grants the operator more or less than it used, and
// returns what it grants.
func (w *World) CompareRights(tb testing.TB) []rights.Right {
	tb.Helper()
	granted, err := rights.Of(w.Chart, OperatorAccount)
	if err != nil || len(granted) == 0 {
		tb.Fatalf("the chart grants %d rights, error %v", len(granted), err)
	}
	var requests []rights.Request
	Await(tb, "every right to be used", func() string {
		requests = rights.Requests(tb, w.Cluster.AuditLogPath(), OperatorUser)
		if left := rights.Unneeded(granted, requests, Home); len(left) > 0 {
			return fmt.Sprintf("not needed: %v", left)
		}
		return ""
	})
	for _, request := range rights.Uncovered(granted, requests) {
		tb.Errorf("a request that the chart does not allow: %s", request)
	}
	return granted
}
