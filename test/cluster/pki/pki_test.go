// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"crypto/x509"
	"encoding/pem"
	"testing"
)

func TestCertificates(t *testing.T) {
	authority, other := newAuthority(t), newAuthority(t)
	server, err := authority.Server("127.0.0.1", "server.example.test")
	if err != nil {
		t.Fatal(err)
	}
	client, err := authority.Client("jane", "viewers")
	if err != nil {
		t.Fatal(err)
	}

	cases := map[string]struct {
		reason string
		pair   Pair
		trust  *Authority
		name   string
		usage  x509.ExtKeyUsage
		fails  bool
	}{
		"Server":      {reason: "by name", pair: server, trust: authority, name: "server.example.test", usage: x509.ExtKeyUsageServerAuth},
		"ServerIP":    {reason: "by address", pair: server, trust: authority, name: "127.0.0.1", usage: x509.ExtKeyUsageServerAuth},
		"ServerOther": {reason: "another name", pair: server, trust: authority, name: "other.example.test", usage: x509.ExtKeyUsageServerAuth, fails: true},
		"ServerAsked": {reason: "a server is no client", pair: server, trust: authority, usage: x509.ExtKeyUsageClientAuth, fails: true},
		"Client":      {reason: "as a client", pair: client, trust: authority, usage: x509.ExtKeyUsageClientAuth},
		"ClientAsked": {reason: "a client is no server", pair: client, trust: authority, usage: x509.ExtKeyUsageServerAuth, fails: true},
		"Foreign":     {reason: "signed by another", pair: client, trust: other, usage: x509.ExtKeyUsageClientAuth, fails: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := leaf(t, tc.pair).Verify(x509.VerifyOptions{
				DNSName: tc.name, Roots: tc.trust.Pool(), KeyUsages: []x509.ExtKeyUsage{tc.usage},
			})
			if (err != nil) != tc.fails {
				t.Errorf("%s: verified with %v", tc.reason, err)
			}
		})
	}
}

func TestClientIsUserAndGroups(t *testing.T) {
	pair, err := newAuthority(t).Client("jane", "viewers", "team-a")
	if err != nil {
		t.Fatal(err)
	}
	subject := leaf(t, pair).Subject
	if subject.CommonName != "jane" || len(subject.Organization) != 2 {
		t.Errorf("subject %v", subject)
	}
}

func newAuthority(t *testing.T) *Authority {
	t.Helper()
	authority, err := NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

// leaf is the pair's certificate, after a check that the key belongs to it.
func leaf(t *testing.T, pair Pair) *x509.Certificate {
	t.Helper()
	if _, err := pair.TLS(); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(pair.Certificate)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}
