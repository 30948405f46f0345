// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/test/cluster/pki"
	"github.com/secretsync/secretsync/test/faultproxy"
	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/store"
)

// Options say which server is simulated. The zero value is a new, self-hosted one on a free port of
// the loopback device, without TLS.
type Options struct {
	// Address to listen on, as 127.0.0.1:8080; empty is a free port.
	Address string
	// Clock is the server's; nil is the real one.
	Clock clock.WithTicker
	// Behavior is the server's generation and its doubtful points.
	Behavior Behavior
	// TLS serves HTTPS with a certificate of a private authority (see CA).
	TLS bool
	// Limits are none for a self-hosted server.
	Limits RateLimits
	// Verify stands for the systems that the server asks about credentials.
	Verify Verifiers
}

// Simulator is a running server. Its methods may be called from any goroutine.
type Simulator struct {
	// Faults has the server misbehave: whatever a fault proxy can do, without the proxy. The zero mode
	// lets everything pass.
	Faults *faultproxy.Switch

	server    *server
	address   string // host and port
	authority *pki.Authority
	tls       *tls.Config

	mu       sync.Mutex
	running  *http.Server
	done     chan error
	requests []Request
}

// Request is a request that was answered, whoever made the answer.
type Request struct {
	Method, Path, Query string
	// Status is 0 if there was none, as after a fault.
	Status int
}

// Start starts a server that knows nobody and nothing. Close ends it.
func Start(o Options) (*Simulator, error) {
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	s := &Simulator{Faults: faultproxy.NewSwitch(), server: newServer(o), address: o.Address}
	if s.address == "" {
		s.address = "127.0.0.1:0"
	}
	if o.TLS {
		if err := s.secure(); err != nil {
			return nil, err
		}
	}
	return s, s.Up()
}

// Up has a server that is down listen again, at the same address and with all that it knew.
func (s *Simulator) Up() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return nil
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	s.address = listener.Addr().String()
	if s.tls != nil {
		listener = tls.NewListener(listener, s.tls)
	}
	s.running = &http.Server{
		Handler:  http.HandlerFunc(s.serve),
		ErrorLog: log.New(io.Discard, "", 0), // aborted answers are faults that a test asked for
		// HTTP/1.1 alone: a connection that is reset then carries one request.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	s.done = make(chan error, 1)
	go func(running *http.Server, done chan<- error) { done <- running.Serve(listener) }(s.running, s.done)
	return nil
}

// Down breaks all connections off and refuses new ones.
func (s *Simulator) Down() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return nil
	}
	err := s.running.Close()
	s.running = nil
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// ForTest starts a server for one test, which ends with it.
func ForTest(tb testing.TB, o Options) *Simulator {
	tb.Helper()
	s, err := Start(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// Address is the server's, without a path.
func (s *Simulator) Address() string {
	if s.tls != nil {
		return "https://" + s.address
	}
	return "http://" + s.address
}

// CA is the certificate of the private authority in PEM; empty without TLS.
func (s *Simulator) CA() []byte {
	if s.authority == nil {
		return nil
	}
	return s.authority.PEM()
}

// Requests returns the requests so far, in the order of their answers.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request{}, s.requests...)
}

// Forget forgets the requests so far.
func (s *Simulator) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// DropEvents breaks all event subscriptions off in the middle of a word.
func (s *Simulator) DropEvents() { s.server.events.end(true) }

// EndEvents ends all event subscriptions as if there were nothing more to say.
func (s *Simulator) EndEvents() { s.server.events.end(false) }

// ExpireETags forgets the ETags of all lists of a project, as time does.
func (s *Simulator) ExpireETags(projectID string) { s.server.etags.forget(projectID) }

// Close ends the server for good, with everything that hangs in it. A further call does nothing.
func (s *Simulator) Close() error {
	err := s.Down()
	s.server.webhooks.close()
	return err
}

func newServer(o Options) *server {
	s := &server{
		clock: o.Clock, behavior: o.Behavior, verify: o.Verify, limits: newLimiter(o.Clock, o.Limits),
		store: store.New(o.Clock, o.Behavior.Store), registry: access.NewRegistry(o.Clock, o.Behavior.Access),
		etags: newETagCache(o.Clock), events: newHub(), orgID: string(uuid.NewUUID()),
	}
	s.webhooks = newWebhooks(o.Clock, func(id string) (store.Project, error) { return s.store.Project(id, false) })
	s.store.OnChange(func(c store.Change) { s.etags.forget(c.ProjectID) })
	s.store.OnChange(func(c store.Change) { s.events.publish(c, s.behavior.OldEvents) })
	s.store.OnChange(s.webhooks.changed)
	s.install()
	return s
}

func (s *Simulator) secure() error {
	authority, err := pki.NewAuthority("infisical")
	if err != nil {
		return err
	}
	pair, err := authority.Server("127.0.0.1", "localhost")
	if err != nil {
		return err
	}
	certificate, err := pair.TLS()
	if err != nil {
		return fmt.Errorf("making the certificate: %w", err)
	}
	s.authority = authority
	s.tls = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	return nil
}

// serve answers a request, or does to it what the faults say, and remembers it.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	watched := &watchedWriter{ResponseWriter: w}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests = append(s.requests, Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Status: watched.status})
	}()
	s.Faults.Serve(watched, r, s.server)
}

// watchedWriter remembers the status.
type watchedWriter struct {
	http.ResponseWriter

	status int
}

func (w *watchedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets net/http flush and take over the connection.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
