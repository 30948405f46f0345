// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"

	"github.com/secretsync/secretsync/pkg/fault"
)

// trust makes the TLS configuration of each new connection, so that a rotated CA or client
// certificate is used from the next connection on.
type trust struct {
	server Server
	bundle *x509.CertPool // of caBundle; nil without one
}

func newTrust(s Server) (*trust, error) {
	t := &trust{server: s}
	if s.TLS.CABundle != "" && s.TLS.CARef != nil {
		return nil, s.invalid("tls: give caBundle or caRef, not both")
	}
	if s.TLS.CABundle != "" {
		t.bundle = x509.NewCertPool()
		if !t.bundle.AppendCertsFromPEM([]byte(s.TLS.CABundle)) {
			return nil, s.invalid("tls.caBundle: no PEM certificate in it")
		}
	}
	return t, nil
}

// config returns the configuration for a connection to host. Errors: those of a
// CredentialSource, and InvalidSpec where a Secret's content is no PEM.
func (t *trust) config(ctx context.Context, host string) (*tls.Config, error) {
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: host,
		NextProtos: []string{"h2", "http/1.1"},
		RootCAs:    t.bundle,
	}
	if t.server.TLS.ServerName != "" {
		cfg.ServerName = t.server.TLS.ServerName
	}
	if ref := t.server.TLS.CARef; ref != nil {
		pem, err := t.server.Secrets.SecretKey(ctx, t.server.Namespace, ref.Name, ref.Key)
		if err != nil {
			return nil, Within(t.server.Field+".tls.caRef", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem.Reveal()) {
			return nil, fault.New(fault.InvalidSpec, reasonInvalidCredential,
				"%s.tls.caRef: Secret %q has no PEM certificate under %q", t.server.Field, t.server.Namespace+"/"+ref.Name, ref.Key)
		}
	}
	if ref := t.server.TLS.ClientCertRef; ref != nil {
		cert, err := t.clientCertificate(ctx, ref.Name)
		if err != nil {
			return nil, err
		}
		// Not cfg.Certificates: that one is sent only if the server names its issuer.
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	return cfg, nil
}

func (t *trust) clientCertificate(ctx context.Context, secret string) (*tls.Certificate, error) {
	cert, err := t.server.Secrets.SecretKey(ctx, t.server.Namespace, secret, "tls.crt")
	if err != nil {
		return nil, Within(t.server.Field+".tls.clientCertRef", err)
	}
	key, err := t.server.Secrets.SecretKey(ctx, t.server.Namespace, secret, "tls.key")
	if err != nil {
		return nil, Within(t.server.Field+".tls.clientCertRef", err)
	}
	pair, err := tls.X509KeyPair(cert.Reveal(), key.Reveal())
	if err != nil {
		// The parser's text is not passed on: it may quote the key.
		return nil, fault.New(fault.InvalidSpec, reasonInvalidCredential,
			"%s.tls.clientCertRef: tls.crt and tls.key of Secret %q are no certificate and its key", t.server.Field, t.server.Namespace+"/"+secret)
	}
	t.server.CertificateEnds(pair.Leaf.NotAfter)
	return &pair, nil
}
