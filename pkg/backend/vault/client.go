// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/vault/api"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Bounds of what is read from Vault.
const (
	// maxBody is four times what a Kubernetes Secret can hold, in bytes.
	maxBody = 4 << 20
	// maxHeader bounds an answer's headers, in bytes.
	maxHeader = 64 << 10
)

// client sends single requests: no retry, no redirect, no proxy, bounded in time and size.
type client struct {
	http    *http.Client
	address *url.URL
	timeout time.Duration
	clock   clock.PassiveClock
}

// call is one request.
type call struct {
	method string
	// path follows /v1/ and is not escaped.
	path      string
	query     url.Values
	namespace string
	token     sensitive.Value
	// body is sent as JSON, if not nil.
	body map[string]string
}

// answer is what Vault said, whatever the status.
type answer struct {
	status     int
	retryAfter string
	// at is when it was sent, by the sender's clock if it says.
	at   time.Time
	body []byte
}

func newClient(address *url.URL, cfg backend.Config, trust *trust) *client {
	timeout := cfg.Spec.Limits.TimeoutOrDefault()
	dialer := &net.Dialer{Timeout: timeout, Control: newGuard(cfg.Network).control}
	return &client{
		address: address,
		timeout: timeout,
		clock:   cfg.Clock,
		http: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DialContext:            dialer.DialContext,
				DialTLSContext:         tlsDialer(dialer, trust, timeout),
				DisableCompression:     true,
				ForceAttemptHTTP2:      true,
				HTTP2:                  &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: timeout},
				IdleConnTimeout:        5 * time.Minute,
				MaxIdleConnsPerHost:    16,
				MaxResponseHeaderBytes: maxHeader,
				Proxy:                  nil,
			},
		},
	}
}

// tlsDialer connects and shakes hands with the trust of the moment.
func tlsDialer(dialer *net.Dialer, trust *trust, timeout time.Duration) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, fmt.Errorf("splitting the address %q: %w", address, err)
		}
		cfg, err := trust.config(ctx, host)
		if err != nil {
			return nil, err
		}
		raw, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conn := tls.Client(raw, cfg)
		if err := conn.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, err
		}
		return conn, nil
	}
}

// do sends one request and reads the whole answer. Its error is classed; an answer of any
// status is no error.
func (c *client) do(ctx context.Context, r call) (*answer, error) {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(bounded, r)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.transportFault(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, c.transportFault(ctx, err)
	}
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		at = c.clock.Now()
	}
	return &answer{status: resp.StatusCode, retryAfter: resp.Header.Get("Retry-After"), at: at, body: body}, nil
}

func (c *client) request(ctx context.Context, r call) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("encoding a request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	target := *c.address
	target.Path = "/v1/" + r.path
	target.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, target.String(), body)
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set(api.RequestHeaderName, "true")
	req.Header.Set("User-Agent", "secretsync")
	if r.namespace != "" {
		req.Header.Set(api.NamespaceHeaderName, r.namespace)
	}
	if r.token.Len() > 0 {
		req.Header.Set(api.AuthHeaderName, string(r.token.Reveal()))
	}
	return req, nil
}

// close ends the idle connections.
func (c *client) close() { c.http.CloseIdleConnections() }
