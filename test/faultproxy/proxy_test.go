// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faultproxy_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/secretsync/secretsync/test/faultproxy"
)

const answer = `{"data":{"password":"real"}}`

func newProxy(t *testing.T) (*faultproxy.Proxy, *http.Client) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Path", r.URL.Path)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	p := faultproxy.ForTest(t, faultproxy.Options{Target: server.URL, TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}})

	trust := x509.NewCertPool()
	if !trust.AppendCertsFromPEM(p.CA()) {
		t.Fatal("want a CA to trust")
	}
	return p, &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// get returns status, body and header, or the error of the request or of its body.
func get(ctx context.Context, client *http.Client, url string) (int, string, http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, "", nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), response.Header, err
}

func TestModes(t *testing.T) {
	cases := map[string]struct {
		mode   faultproxy.Mode
		status int
		body   func(string) bool
		header [2]string
		err    error
	}{
		"Pass":           {mode: faultproxy.Pass(), status: 200, body: is(answer), header: [2]string{"X-Path", "/a"}},
		"Slow":           {mode: faultproxy.Slow(time.Millisecond), status: 200, body: is(answer)},
		"Status":         {mode: faultproxy.Status(503, "sealed", "X-A", "b"), status: 503, body: is("sealed"), header: [2]string{"X-A", "b"}},
		"Throttle":       {mode: faultproxy.Throttle("7"), status: 429, header: [2]string{"Retry-After", "7"}},
		"ThrottleSilent": {mode: faultproxy.Throttle(""), status: 429, header: [2]string{"Retry-After", ""}},
		"HTML":           {mode: faultproxy.HTML("hello"), status: 200, body: contains("hello"), header: [2]string{"Content-Type", "text/html"}},
		"Redirect":       {mode: faultproxy.Redirect("https://elsewhere"), status: 307, header: [2]string{"Location", "https://elsewhere/a"}},
		"Reset":          {mode: faultproxy.Reset(), err: syscall.ECONNRESET},
		"Truncate":       {mode: faultproxy.Truncate(), status: 200, body: is(answer[:len(answer)/2]), err: io.ErrUnexpectedEOF},
		"Cut":            {mode: faultproxy.Cut(), status: 200, body: is(answer[:len(answer)/2])},
		"Oversize":       {mode: faultproxy.Oversize(100), status: 200, body: is(strings.Repeat(" ", 100) + answer)},
		"Replace":        {mode: faultproxy.Replace("real", "other"), status: 200, body: contains("other")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p, client := newProxy(t)
			p.Set(tc.mode)
			status, body, header, err := get(t.Context(), client, p.Address()+"/a")
			if !errors.Is(err, tc.err) {
				t.Fatalf("want error %v, got %v", tc.err, err)
			}
			if status != tc.status {
				t.Errorf("want status %d, got %d", tc.status, status)
			}
			if tc.body != nil && !tc.body(body) {
				t.Errorf("got body %q", body)
			}
			if name := tc.header[0]; name != "" && header.Get(name) != tc.header[1] {
				t.Errorf("want %s %q, got %q", name, tc.header[1], header.Get(name))
			}
		})
	}
}

func is(want string) func(string) bool { return func(got string) bool { return got == want } }
func contains(part string) func(string) bool {
	return func(got string) bool { return strings.Contains(got, part) }
}

func TestHangAndDripEndWithTheClientOrTheMode(t *testing.T) {
	for name, mode := range map[string]faultproxy.Mode{"Hang": faultproxy.Hang(), "Drip": faultproxy.Drip(time.Hour)} {
		t.Run(name, func(t *testing.T) {
			p, client := newProxy(t)
			p.Set(mode)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if _, _, _, err := get(ctx, client, p.Address()); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("want the client to give up, got %v", err)
			}

			failed := make(chan error)
			go func() {
				_, _, _, err := get(t.Context(), client, p.Address()+"/waiting")
				failed <- err
			}()
			for p.Requests()["/waiting"] == 0 {
				select {
				case err := <-failed:
					t.Fatalf("want the request to wait, got %v", err)
				case <-time.After(time.Millisecond):
				}
			}
			p.Set(faultproxy.Pass())
			if err := <-failed; err == nil {
				t.Error("want the waiting request broken off")
			}
			if _, body, _, err := get(t.Context(), client, p.Address()); err != nil || body != answer {
				t.Errorf("want the server again, got %q, %v", body, err)
			}
		})
	}
}

func TestModesByPathAndCounts(t *testing.T) {
	p, client := newProxy(t)
	p.Set(faultproxy.Times(1, faultproxy.Status(500, ""), faultproxy.Pass()))
	p.SetFor("/bad", faultproxy.Status(403, ""))
	for _, step := range []struct {
		path string
		want int
	}{{"/bad", 403}, {"/good", 500}, {"/good", 200}, {"/bad", 403}} {
		status, _, _, err := get(t.Context(), client, p.Address()+step.path)
		if err != nil || status != step.want {
			t.Errorf("%s: want %d, got %d, %v", step.path, step.want, status, err)
		}
	}
	if got := p.Requests(); got["/bad"] != 2 || got["/good"] != 2 {
		t.Errorf("want two requests each, got %v", got)
	}
	p.Forget()
	if got := p.Requests(); len(got) != 0 {
		t.Errorf("want no requests after Forget, got %v", got)
	}
}

func TestDownAndUp(t *testing.T) {
	p, client := newProxy(t)
	address := p.Address()
	if _, _, _, err := get(t.Context(), client, address); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Down(), p.Down()); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := get(t.Context(), client, address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("want the connection refused, got %v", err)
	}
	if err := errors.Join(p.Up(), p.Up()); err != nil {
		t.Fatal(err)
	}
	if _, body, _, err := get(t.Context(), client, address); err != nil || body != answer || p.Address() != address {
		t.Errorf("want the server again at the same address, got %q, %v", body, err)
	}
}
