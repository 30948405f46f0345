// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

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

// Pools are the connection pools in use. Servers that differ in who they log in as
// alone share one, so that many identities need not mean many connections.
type Pools struct {
	mu    sync.Mutex
	inUse map[transportKey]*transport
}

// transport is one connection pool and how many clients use it.
type transport struct {
	http.Transport
	users int
}

// transportKey is all that a connection depends on.
type transportKey struct {
	address, tls, namespace, network string
	timeout                          time.Duration
	secrets                          Secrets
}

// InUse returns how many pools there are.
func (ts *Pools) InUse() int {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return len(ts.inUse)
}

// acquire returns the connection pool for a server. Its release is called once.
func (ts *Pools) acquire(s Server, trust *trust) (pool http.RoundTripper, release func()) {
	key, ok := keyOf(s)
	if !ok {
		own := newTransport(s, trust)
		return own, own.CloseIdleConnections
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.inUse == nil {
		ts.inUse = map[transportKey]*transport{}
	}
	t := ts.inUse[key]
	if t == nil {
		t = newTransport(s, trust)
		ts.inUse[key] = t
	}
	t.users++
	return t, sync.OnceFunc(func() { ts.release(key) })
}

func (ts *Pools) release(key transportKey) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.inUse[key]
	t.users--
	if t.users == 0 {
		t.CloseIdleConnections()
		delete(ts.inUse, key)
	}
}

// keyOf returns the key of a server; ok is false if its Secrets cannot be compared with
// others.
func keyOf(s Server) (key transportKey, ok bool) {
	if !reflect.TypeOf(s.Secrets).Comparable() {
		return transportKey{}, false
	}
	spec, err := json.Marshal(s.TLS)
	if err != nil {
		return transportKey{}, false
	}
	return transportKey{
		address: s.Address, tls: string(spec), namespace: s.Namespace,
		network: fmt.Sprint(s.Network), timeout: s.Timeout, secrets: s.Secrets,
	}, true
}

// newTransport returns a pool that connects to no refused address and through no proxy.
func newTransport(s Server, trust *trust) *transport {
	timeout := s.Timeout
	dialer := &net.Dialer{Timeout: timeout, Control: newGuard(s.Network).control}
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
