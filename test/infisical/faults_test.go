// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/secretsync/secretsync/test/faultproxy"
	"github.com/secretsync/secretsync/test/infisical"
)

// TestFaults is the server misbehaving for a while, and answering again afterwards.
func TestFaults(t *testing.T) {
	list := asked{method: http.MethodGet, path: "/api/v4/secrets"}
	broken := func(t *testing.T, _ answer, err error) {
		t.Helper()
		if err == nil {
			t.Error("the request went through")
		}
	}
	status := func(want int) func(*testing.T, answer, error) {
		return func(t *testing.T, a answer, err error) {
			t.Helper()
			check(t, err)
			a.is(t, want, "")
		}
	}
	cases := map[string]struct {
		mode faultproxy.Mode
		want func(*testing.T, answer, error)
	}{
		"500":            {faultproxy.Status(500, `{"statusCode":500,"error":"InternalServerError","message":"Something went wrong"}`), status(500)},
		"504":            {faultproxy.Status(504, `{"statusCode":504,"error":"GatewayTimeoutError"}`), status(504)},
		"HTML":           {faultproxy.HTML("a login page"), status(200)},
		"Reset":          {faultproxy.Reset(), broken},
		"ResetInTheBody": {faultproxy.Truncate(), broken},
		"TruncatedJSON": {faultproxy.Cut(), func(t *testing.T, a answer, err error) {
			t.Helper()
			check(t, err)
			if json.Valid(a.raw) {
				t.Errorf("%s", a.raw)
			}
		}},
		"Drip": {faultproxy.Drip(time.Nanosecond), status(200)},
	}
	for name, tc := range cases {
		for kind, secure := range map[string]bool{"": false, "TLS": true} {
			t.Run(name+kind, func(t *testing.T) {
				w := simulated(t, infisical.Options{TLS: secure})
				w.create(t, "A", "1")
				list.parameters, list.token = w.v4(), w.token
				w.Simulator.Faults.SetFor("/api/v4/secrets", tc.mode)
				got, err := w.try(t, list)
				tc.want(t, got, err)
				w.get(t, "/api/status").is(t, http.StatusOK, "")
				w.Simulator.Faults.Set(faultproxy.Pass())
				w.list(t).is(t, http.StatusOK, "")
			})
		}
	}
}

// TestHang: a server that says nothing is left by its client, or at its end.
func TestHang(t *testing.T) {
	w := simulated(t, infisical.Options{})
	w.Simulator.Faults.Set(faultproxy.Hang())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	request := must(http.NewRequestWithContext(ctx, http.MethodGet, w.Address+"/api/status", http.NoBody))(t)
	if response, err := w.HTTP.Do(request); err == nil {
		_ = response.Body.Close()
		t.Error("answered")
	}
	w.Simulator.Faults.Set(faultproxy.Pass())
	w.get(t, "/api/status").is(t, http.StatusOK, "")
}

// TestPrivateAuthority: without the authority nobody trusts the server.
func TestPrivateAuthority(t *testing.T) {
	w := simulated(t, infisical.Options{TLS: true})
	w.list(t).is(t, http.StatusOK, "")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, w.Address+"/api/status", http.NoBody))(t)
	if response, err := (&http.Client{Transport: transport}).Do(request); err == nil {
		_ = response.Body.Close()
		t.Error("trusted without the authority")
	}
}

// TestDownAndUp: a server that was down comes back at its address with all that it knew.
func TestDownAndUp(t *testing.T) {
	w := simulated(t, infisical.Options{TLS: true})
	w.create(t, "A", "1")
	check(t, w.Simulator.Down())
	check(t, w.Simulator.Down())
	if _, err := w.try(t, asked{method: http.MethodGet, path: "/api/status"}); err == nil {
		t.Error("answered while it was down")
	}
	check(t, w.Simulator.Up())
	check(t, w.Simulator.Up())
	if got := w.list(t).values(t)["A"]; got != "1" {
		t.Errorf("%q after it was down", got)
	}
	check(t, w.Simulator.Close())
	check(t, w.Simulator.Close())
}
