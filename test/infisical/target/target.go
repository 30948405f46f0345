// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package target chooses the Infisical server that a test runs against: a simulator of its own or,
// where the environment names one, a real server. The test is the same.
//
//	INFISICAL_TEST_ADDRESS   the server's address, as https://infisical.example.test
//	INFISICAL_TEST_TOKEN     an access token of an administrator; without one, the server is set up
//	INFISICAL_TEST_ORG       the id of the organization, with a token
//	INFISICAL_TEST_CA        a file with the authority to trust, in PEM
package target

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"testing"

	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

// Server is the server that a test runs against.
type Server struct {
	// Address is without a path. CA is the authority to trust in PEM, empty for those of the machine.
	Address string
	CA      []byte
	// Admin seeds the server.
	Admin *admin.Client
	// HTTP trusts the server.
	HTTP *http.Client
	// Simulator is nil if the server is a real one.
	Simulator *infisical.Simulator
}

// ForTest returns the server of one test. A real server takes no options.
func ForTest(tb testing.TB, o infisical.Options) *Server {
	tb.Helper()
	address := os.Getenv("INFISICAL_TEST_ADDRESS")
	if address == "" {
		return Simulated(tb, o)
	}
	s := &Server{Address: address}
	if file := os.Getenv("INFISICAL_TEST_CA"); file != "" {
		var err error
		if s.CA, err = os.ReadFile(file); err != nil {
			tb.Fatal(err)
		}
	}
	s.connect(tb)
	if token := os.Getenv("INFISICAL_TEST_TOKEN"); token != "" {
		s.Admin = &admin.Client{Address: address, HTTP: s.HTTP, Token: token, OrgID: os.Getenv("INFISICAL_TEST_ORG")}
		return s
	}
	s.bootstrap(tb)
	return s
}

// Simulated returns a simulator whatever the environment says, for tests of what only it can do.
func Simulated(tb testing.TB, o infisical.Options) *Server {
	tb.Helper()
	simulator := infisical.ForTest(tb, o)
	s := &Server{Address: simulator.Address(), CA: simulator.CA(), Simulator: simulator}
	s.connect(tb)
	s.bootstrap(tb)
	s.Admin.V3 = o.Behavior.NoV4
	return s
}

func (s *Server) connect(tb testing.TB) {
	tb.Helper()
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(s.CA) > 0 {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(s.CA) {
			tb.Fatal("the authority is no PEM")
		}
	}
	transport := &http.Transport{TLSClientConfig: config}
	tb.Cleanup(transport.CloseIdleConnections)
	s.HTTP = &http.Client{Transport: transport}
}

func (s *Server) bootstrap(tb testing.TB) {
	tb.Helper()
	var err error
	if s.Admin, err = admin.Bootstrap(tb.Context(), s.Address, s.HTTP); err != nil {
		tb.Fatal(err)
	}
}
