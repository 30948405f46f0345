// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// Hostile sets environment variables for the test: those that Go's HTTP client heeds, to a
// server that nobody must ask, and those that variables returns for its address. The test
// fails if that server is asked.
func Hostile(t *testing.T, variables func(elsewhere string) map[string]string) {
	t.Helper()
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(func() {
		elsewhere.Close()
		if asked.Load() != 0 {
			t.Errorf("want nothing sent where the environment points, got %d requests", asked.Load())
		}
	})
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, elsewhere.URL)
	}
	t.Setenv("NO_PROXY", "")
	t.Setenv("no_proxy", "")
	for name, value := range variables(elsewhere.URL) {
		t.Setenv(name, value)
	}
}
