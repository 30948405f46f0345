// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// loopback is the range that tests listen on, which is refused unless allowed.
func loopback() []*net.IPNet {
	return []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}}
}

// overNetwork is a configuration for a server at that address, without detection.
func overNetwork(address string) backend.Config {
	return backend.Config{
		Spec: v1alpha1.BackendSpec{
			Vault:  &v1alpha1.VaultBackend{Address: address, KVVersion: v1alpha1.KVVersion2, Auth: kubernetesMethod()},
			Limits: v1alpha1.Limits{Timeout: &metav1.Duration{Duration: 10 * time.Second}},
		},
		CredentialNamespace: "ops", IdentityNamespace: "team",
		Credentials: backendtest.NewCredentials(), Clock: clock.RealClock{},
		Network: backend.Network{AllowedCIDRs: loopback()},
	}
}

// openFor opens a backend that is closed with the test.
func openFor(t *testing.T, p *Provider, cfg backend.Config) backend.Backend {
	t.Helper()
	b, err := p.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Second)
		defer cancel()
		_ = b.Close(ctx) // Some of the servers do not answer.
	})
	return b
}

// readOver reads the stub's entry over the network.
func readOver(t *testing.T, cfg backend.Config) error {
	t.Helper()
	_, err := openFor(t, New(), cfg).Read(t.Context(), ref(t, "app", ""))
	return err
}

// serve puts the stub behind a real listener.
func (s *stub) serve(t *testing.T, change func(*httptest.Server)) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength == 0 {
			r.Body = nil
		}
		answer, err := s.RoundTrip(r)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer func() { _ = answer.Body.Close() }()
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if change != nil {
		change(server)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// caOf is the certificate that a test server is trusted by, PEM.
func caOf(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func TestTLS(t *testing.T) {
	server := newStub().serve(t, nil)
	expired := newStub().serve(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, time.Now().Add(-time.Hour))}}
	})
	other := certificate(t, time.Now().Add(time.Hour))
	demanding := newStub().serve(t, func(s *httptest.Server) { s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert} })
	old := newStub().serve(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	})
	withPair := backendtest.NewCredentials()
	crtOfPair, keyOfPair := pair(t, other)
	withPair.Put("client", "tls.crt", crtOfPair)
	withPair.Put("client", "tls.key", keyOfPair)
	withCA := backendtest.NewCredentials()
	withCA.Put("trust", "ca.crt", caOf(server))
	withCA.Put("trust", "none", "no certificate "+backendtest.Kept)
	half := backendtest.NewCredentials()
	half.Put("client", "tls.crt", caOf(server))
	broken := backendtest.NewCredentials()
	broken.Put("client", "tls.crt", caOf(server))
	broken.Put("client", "tls.key", backendtest.Kept)

	client := &v1alpha1.LocalRef{Name: "client"}
	cases := map[string]struct {
		server      *httptest.Server
		tls         v1alpha1.TLS
		credentials *backendtest.Credentials
		class       fault.Class
		because     string
	}{
		"Bundle":         {server: server, tls: v1alpha1.TLS{CABundle: caOf(server)}},
		"SystemTrust":    {server: server, class: fault.Unavailable, because: remote.ReasonTLSUntrusted},
		"OtherCA":        {server: server, tls: v1alpha1.TLS{CABundle: caOf(expired)}, class: fault.Unavailable, because: remote.ReasonTLSUntrusted},
		"CARef":          {server: server, tls: v1alpha1.TLS{CARef: &v1alpha1.SecretKeyRef{Name: "trust", Key: "ca.crt"}}, credentials: withCA},
		"CARefAbsent":    {server: server, tls: v1alpha1.TLS{CARef: &v1alpha1.SecretKeyRef{Name: "trust", Key: "x"}}, credentials: withCA, class: fault.InvalidSpec, because: "CredentialNotFound"},
		"CARefNoPEM":     {server: server, tls: v1alpha1.TLS{CARef: &v1alpha1.SecretKeyRef{Name: "trust", Key: "none"}}, credentials: withCA, class: fault.InvalidSpec, because: "InvalidCredential"},
		"ServerName":     {server: server, tls: v1alpha1.TLS{CABundle: caOf(server), ServerName: "vault.example.com"}},
		"OtherName":      {server: server, tls: v1alpha1.TLS{CABundle: caOf(server), ServerName: "vault.other"}, class: fault.Unavailable, because: remote.ReasonTLSWrongName},
		"Expired":        {server: expired, tls: v1alpha1.TLS{CABundle: caOf(expired)}, class: fault.Unavailable, because: remote.ReasonTLSExpired},
		"TooOld":         {server: old, tls: v1alpha1.TLS{CABundle: caOf(old)}, class: fault.Unavailable, because: remote.ReasonTLSFailed},
		"ClientCert":     {server: demanding, tls: v1alpha1.TLS{CABundle: caOf(demanding), ClientCertRef: client}, credentials: withPair},
		"HalfClientCert": {server: demanding, tls: v1alpha1.TLS{CABundle: caOf(demanding), ClientCertRef: client}, credentials: half, class: fault.InvalidSpec, because: "CredentialNotFound"},
		"BadClientCert":  {server: demanding, tls: v1alpha1.TLS{CABundle: caOf(demanding), ClientCertRef: client}, credentials: broken, class: fault.InvalidSpec, because: "InvalidCredential"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := overNetwork(tc.server.URL)
			cfg.Spec.Vault.TLS = tc.tls
			if tc.credentials != nil {
				cfg.Credentials = tc.credentials
			}
			want(t, readOver(t, cfg), tc.class, tc.because)
		})
	}
}

func TestMissingClientCertificate(t *testing.T) {
	server := newStub().serve(t, func(s *httptest.Server) {
		// With TLS 1.3 the connection may be reset before the client reads why.
		s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}
	})
	cfg := overNetwork(server.URL)
	cfg.Spec.Vault.TLS.CABundle = caOf(server)
	want(t, readOver(t, cfg), fault.Unavailable, remote.ReasonTLSClientRefused)
}

// certificate is self-signed, for 127.0.0.1, and ends at that time.
func certificate(t *testing.T, end time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: end.Add(-24 * time.Hour), NotAfter: end,
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// pair is a certificate and its key, PEM.
func pair(t *testing.T, c tls.Certificate) (crt, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestRotatedCAIsUsedWithoutReopening(t *testing.T) {
	server, c := newStub().serve(t, nil), backendtest.NewCredentials()
	crt, _ := pair(t, certificate(t, time.Now().Add(time.Hour)))
	c.Put("trust", "ca.crt", crt)
	cfg := overNetwork(server.URL)
	cfg.Credentials = c
	cfg.Spec.Vault.TLS.CARef = &v1alpha1.SecretKeyRef{Name: "trust", Key: "ca.crt"}
	cfg.Spec.Vault.Auth = tokenMethod()
	b := openFor(t, New(), cfg)
	_, err := b.Read(t.Context(), ref(t, "app", ""))
	want(t, err, fault.Unavailable, remote.ReasonTLSUntrusted)
	c.Put("trust", "ca.crt", caOf(server))
	_, err = b.Read(t.Context(), ref(t, "app", ""))
	want(t, err, "", "")
}

// listen accepts connections and hands each to do.
func listen(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		close(done)
	})
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				do(conn)
				<-done // A connection that nobody holds is closed.
				_ = conn.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func TestConnectionFaults(t *testing.T) {
	says := func(text string, then func(net.Conn)) func(net.Conn) {
		return func(c net.Conn) {
			await(c)
			_, _ = io.WriteString(c, text)
			then(c)
		}
	}
	hang := func(net.Conn) {}
	end := func(c net.Conn) { _ = c.Close() }
	cases := map[string]struct {
		scheme  string
		do      func(net.Conn)
		because string
	}{
		"Hangs":          {scheme: "https", do: hang, because: remote.ReasonTimeout},
		"HangsPlain":     {scheme: "http", do: hang, because: remote.ReasonTimeout},
		"HangsInBody":    {scheme: "http", do: says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", hang), because: remote.ReasonTimeout},
		"Closes":         {scheme: "http", do: end, because: remote.ReasonConnectionReset},
		"ClosesLater":    {scheme: "http", do: says("", end), because: remote.ReasonConnectionReset},
		"ClosesInTLS":    {scheme: "https", do: end, because: remote.ReasonConnectionReset},
		"Resets":         {scheme: "http", do: reset, because: remote.ReasonConnectionReset},
		"ClosesInBody":   {scheme: "http", do: says("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"+backendtest.Marker, end), because: remote.ReasonConnectionReset},
		"NoTLS":          {scheme: "https", do: says("HTTP/1.0 400 Bad Request\r\n\r\n"+backendtest.Marker, end), because: remote.ReasonTLSFailed},
		"NoHTTP":         {scheme: "http", do: says(backendtest.Marker+"\r\n\r\n", end), because: remote.ReasonUnreachable},
		"EndlessHeaders": {scheme: "http", do: endless, because: remote.ReasonUnreachable},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := overNetwork(tc.scheme + "://" + listen(t, tc.do))
			cfg.Network.AllowHTTP = true
			cfg.Spec.Limits.Timeout.Duration = 300 * time.Millisecond
			want(t, readOver(t, cfg), fault.Unavailable, tc.because)
		})
	}
}

// await reads the begin of a request: an answer before it would be another matter.
func await(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) }

func reset(c net.Conn) {
	await(c)
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

func endless(c net.Conn) {
	await(c)
	_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n")
	for err == nil {
		_, err = io.WriteString(c, "X-A: "+backendtest.Marker+"\r\n")
	}
}

func TestEndlessBody(t *testing.T) {
	cfg := overNetwork("http://" + listen(t, func(c net.Conn) {
		await(c)
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		for space := bytes.Repeat([]byte(" "), 64<<10); err == nil; {
			_, err = c.Write(space)
		}
	}))
	cfg.Network.AllowHTTP = true
	cfg.Spec.Vault.Auth = tokenMethod()
	want(t, readOver(t, cfg), fault.InvalidContent, remote.ReasonAnswerTooLarge)
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	want(t, readOver(t, overNetwork("https://"+l.Addr().String())), fault.Unavailable, remote.ReasonConnectionRefused)
}

func TestRedirectsAreRefused(t *testing.T) {
	var followed atomic.Int32
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := newStub()
		s.Handle("secret/data/app", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		server := s.serve(t, nil)
		cfg := overNetwork(server.URL)
		cfg.Spec.Vault.TLS.CABundle = caOf(server) + caOf(elsewhere)
		want(t, readOver(t, cfg), fault.Unavailable, remote.ReasonRedirected)
	}
	if followed.Load() != 0 {
		t.Errorf("want no redirect followed, got %d", followed.Load())
	}
}

func TestNamesOfRefusedAddresses(t *testing.T) {
	var connected atomic.Int32
	address := listen(t, func(c net.Conn) {
		connected.Add(1)
		_ = c.Close()
	})
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, scheme := range []string{"https", "http"} {
		cfg := overNetwork(scheme + "://localhost:" + port)
		cfg.Network = backend.Network{AllowHTTP: true}
		want(t, readOver(t, cfg), fault.Unavailable, remote.ReasonAddressRefused)
	}
	if connected.Load() != 0 {
		t.Error("want no connection to a refused address")
	}
}

func TestIdentitiesShareConnections(t *testing.T) {
	var connections atomic.Int32
	server := newStub().serve(t, func(s *httptest.Server) {
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections.Add(1)
			}
		}
	})
	p, cfg := New(), overNetwork(server.URL)
	cfg.Spec.Vault.TLS.CABundle = caOf(server)
	var opened []backend.Backend
	for _, namespace := range []string{"a", "b", "c"} {
		cfg.IdentityNamespace = namespace
		b, err := p.Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		opened = append(opened, b)
	}
	for i, b := range opened {
		_, err := b.Read(t.Context(), ref(t, "app", ""))
		want(t, err, "", "")
		if i == 0 {
			continue
		}
		want(t, b.Close(t.Context()), "", "")
	}
	_, err := opened[0].Read(t.Context(), ref(t, "app", ""))
	want(t, err, "", "")
	if got := connections.Load(); got != 1 {
		t.Errorf("want one connection for all, got %d", got)
	}
	for range 2 {
		want(t, opened[0].Close(t.Context()), "", "")
	}
	if p.pools.InUse() != 0 {
		t.Error("want the connections closed with the last backend")
	}

	cfg.Spec.Vault.TLS.ServerName = "vault.other"
	_, err = openFor(t, p, cfg).Read(t.Context(), ref(t, "app", ""))
	want(t, err, fault.Unavailable, remote.ReasonTLSWrongName)
}
