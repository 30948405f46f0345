// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
)

const (
	// maxHeader bounds an answer's headers, in bytes.
	maxHeader = 64 << 10
	// idle is how long an unused connection is kept: longer than usual intervals.
	idle = 5 * time.Minute
	// pingAfter is how long an HTTP/2 connection may be silent before it is tried, so that
	// one that died without a word is not used for long.
	pingAfter = 30 * time.Second
)

// transports are the connection pools in use. Backends that differ in who they log in as
// alone share one, so that many identities need not mean many connections.
type transports struct {
	mu    sync.Mutex
	inUse map[transportKey]*transport
}

// transport is one connection pool and how many backends use it.
type transport struct {
	http.Transport
	users int
}

// transportKey is all that a connection depends on.
type transportKey struct {
	address, tls, namespace, network string
	timeout                          time.Duration
	credentials                      backend.CredentialSource
}

// acquire returns the connection pool for a configuration. Its release is called once.
func (ts *transports) acquire(cfg backend.Config, trust *trust) (pool http.RoundTripper, release func()) {
	key, ok := keyOf(cfg)
	if !ok {
		own := newTransport(cfg, trust)
		return own, own.CloseIdleConnections
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.inUse == nil {
		ts.inUse = map[transportKey]*transport{}
	}
	t := ts.inUse[key]
	if t == nil {
		t = newTransport(cfg, trust)
		ts.inUse[key] = t
	}
	t.users++
	return t, sync.OnceFunc(func() { ts.release(key) })
}

func (ts *transports) release(key transportKey) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.inUse[key]
	t.users--
	if t.users == 0 {
		t.CloseIdleConnections()
		delete(ts.inUse, key)
	}
}

// keyOf returns the key of a configuration; ok is false if its CredentialSource cannot be
// compared with another.
func keyOf(cfg backend.Config) (key transportKey, ok bool) {
	if !reflect.TypeOf(cfg.Credentials).Comparable() {
		return transportKey{}, false
	}
	spec, err := json.Marshal(cfg.Spec.Vault.TLS)
	if err != nil {
		return transportKey{}, false
	}
	return transportKey{
		address: cfg.Spec.Vault.Address, tls: string(spec), namespace: cfg.CredentialNamespace,
		network: fmt.Sprint(cfg.Network), timeout: cfg.Spec.Limits.TimeoutOrDefault(),
		credentials: cfg.Credentials,
	}, true
}

// newTransport returns a pool that connects to no refused address and through no proxy.
func newTransport(cfg backend.Config, trust *trust) *transport {
	timeout := cfg.Spec.Limits.TimeoutOrDefault()
	dialer := &net.Dialer{Timeout: timeout, Control: newGuard(cfg.Network).control}
	return &transport{Transport: http.Transport{
		DialContext:            dialer.DialContext,
		DialTLSContext:         tlsDialer(dialer, trust, timeout),
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: timeout},
		IdleConnTimeout:        idle,
		MaxIdleConnsPerHost:    16,
		MaxResponseHeaderBytes: maxHeader,
		Proxy:                  nil,
	}}
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
