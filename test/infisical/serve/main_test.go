// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/secretsync/secretsync/test/infisical/admin"
)

func TestServe(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"--address", "127.0.0.1:0", "--tls", "--limited", "--old", "--events"}, write)
	}()
	var told struct{ Address, CA string }
	if err := json.NewDecoder(read).Decode(&told); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(told.CA))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	a, err := admin.Bootstrap(t.Context(), told.Address, &http.Client{Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.CreateProject(t.Context(), "served"); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestServeRefusesUnknownFlags(t *testing.T) {
	if err := run(t.Context(), []string{"--none"}, io.Discard); err == nil {
		t.Error("an unknown flag is taken")
	}
}
