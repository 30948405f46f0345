// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"crypto/tls"
	"crypto/x509"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// trust makes the TLS configuration of each new connection, so that a rotated CA or client
// certificate is used from the next connection on.
type trust struct {
	spec        v1alpha1.TLS
	bundle      *x509.CertPool // of spec.caBundle; nil without one
	namespace   string
	credentials backend.CredentialSource
	observer    backend.Observer
}

func newTrust(cfg backend.Config) (*trust, error) {
	t := &trust{spec: cfg.Spec.Vault.TLS, namespace: cfg.CredentialNamespace, credentials: cfg.Credentials, observer: cfg.ObserverOrNop()}
	if t.spec.CABundle != "" && t.spec.CARef != nil {
		return nil, invalid("spec.vault.tls: give caBundle or caRef, not both")
	}
	if t.spec.CABundle != "" {
		t.bundle = x509.NewCertPool()
		if !t.bundle.AppendCertsFromPEM([]byte(t.spec.CABundle)) {
			return nil, invalid("spec.vault.tls.caBundle: no PEM certificate in it")
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
	if t.spec.ServerName != "" {
		cfg.ServerName = t.spec.ServerName
	}
	if ref := t.spec.CARef; ref != nil {
		pem, err := t.credentials.SecretKey(ctx, t.namespace, ref.Name, ref.Key)
		if err != nil {
			return nil, within("spec.vault.tls.caRef", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem.Reveal()) {
			return nil, fault.New(fault.InvalidSpec, "InvalidCredential",
				"spec.vault.tls.caRef: Secret %q has no PEM certificate under %q", t.namespace+"/"+ref.Name, ref.Key)
		}
	}
	if ref := t.spec.ClientCertRef; ref != nil {
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
	cert, err := t.credentials.SecretKey(ctx, t.namespace, secret, "tls.crt")
	if err != nil {
		return nil, within("spec.vault.tls.clientCertRef", err)
	}
	key, err := t.credentials.SecretKey(ctx, t.namespace, secret, "tls.key")
	if err != nil {
		return nil, within("spec.vault.tls.clientCertRef", err)
	}
	pair, err := tls.X509KeyPair(cert.Reveal(), key.Reveal())
	if err != nil {
		// The parser's text is not passed on: it may quote the key.
		return nil, fault.New(fault.InvalidSpec, "InvalidCredential",
			"spec.vault.tls.clientCertRef: tls.crt and tls.key of Secret %q are no certificate and its key", t.namespace+"/"+secret)
	}
	t.observer.CredentialEnds(backend.CredentialClientCertificate, pair.Leaf.NotAfter)
	return &pair, nil
}
