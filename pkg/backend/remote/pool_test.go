// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"testing"
	"time"
)

// TestNoProxy: what the environment says of proxies is remembered by Go's HTTP client from
// the first time on, so a test that sets it may come too late.
func TestNoProxy(t *testing.T) {
	if newTransport(Server{Address: "https://server.example:8200", Timeout: time.Second}, nil).Proxy != nil {
		t.Error("want no proxy at all")
	}
}
