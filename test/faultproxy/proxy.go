// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faultproxy

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/secretsync/secretsync/test/cluster/pki"
)

// Options say what the proxy stands in front of.
type Options struct {
	// Target is the address of the server, such as https://127.0.0.1:8200.
	Target string
	// TLS is how the proxy connects to an https target.
	TLS *tls.Config
}

// Proxy forwards requests, or does what its mode says. Its methods may be called from any
// goroutine.
type Proxy struct {
	address   string
	authority *pki.Authority
	tls       *tls.Config
	forward   http.Handler

	*Switch

	mu     sync.Mutex
	server *http.Server
}

// New starts a proxy on a free loopback port. Close stops it.
func New(o Options) (*Proxy, error) {
	target, err := url.Parse(o.Target)
	if err != nil {
		return nil, fmt.Errorf("parsing the target %q: %w", o.Target, err)
	}
	p := &Proxy{Switch: NewSwitch()}
	if p.authority, err = pki.NewAuthority("faultproxy"); err != nil {
		return nil, err
	}
	pair, err := p.authority.Server("127.0.0.1", "localhost")
	if err != nil {
		return nil, err
	}
	certificate, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("making the proxy's certificate: %w", err)
	}
	p.tls = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	p.forward = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = target.Host
		},
		Transport: &http.Transport{TLSClientConfig: o.TLS},
		ErrorLog:  log.New(discard{}, "", 0),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, _ error) {
			// Of a connection that is being closed, its client may still read an answer.
			if r.Context().Err() != nil {
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	if err := p.Up(); err != nil {
		return nil, err
	}
	return p, nil
}

// ForTest starts a proxy that is closed with the test.
func ForTest(tb testing.TB, o Options) *Proxy {
	tb.Helper()
	p, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// discard swallows what net/http would log of faults that are wanted.
type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// Address is "https://127.0.0.1:<port>"; it stays the same when the proxy is down and up again.
func (p *Proxy) Address() string { return "https://" + p.address }

// CA is the authority of the proxy's certificate, PEM.
func (p *Proxy) CA() []byte { return p.authority.PEM() }

// Down stops listening, and breaks all connections.
func (p *Proxy) Down() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		return nil
	}
	err := p.server.Close()
	p.server = nil
	return err
}

// Up listens again, at the same address.
func (p *Proxy) Up() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		return nil
	}
	at := p.address
	if at == "" {
		at = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	p.address = listener.Addr().String()
	p.server = &http.Server{
		Handler:  p,
		ErrorLog: log.New(discard{}, "", 0),
		// HTTP/1.1 alone: a connection that is reset then carries one request.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	go func(server *http.Server) {
		err := server.Serve(tls.NewListener(listener, p.tls.Clone()))
		if !errors.Is(err, http.ErrServerClosed) {
			panic(fmt.Sprintf("serving the fault proxy: %v", err)) // A test would wait for it in vain.
		}
	}(p.server)
	return nil
}

// Close stops the proxy.
func (p *Proxy) Close() error { return p.Down() }

// ServeHTTP answers one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.Serve(w, r, p.forward) }
