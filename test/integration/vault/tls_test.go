// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"crypto/x509"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/credentials"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/cluster/pki"
)

func pool(t *testing.T, pem []byte) *x509.CertPool {
	t.Helper()
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		t.Fatal("want a CA")
	}
	return p
}

// TestTLS: a Vault that demands client certificates.
func TestTLS(t *testing.T) {
	w := seeded(t, cluster.VaultOptions{RequireClientCertificate: true})
	stranger, err := pki.NewAuthority("stranger")
	must(t, err)
	good, err := w.vault.ClientCertificate("operator")
	must(t, err)
	bad, err := stranger.Client("operator")
	must(t, err)
	w.keep(t, "good", map[string]string{"tls.crt": string(good.Certificate), "tls.key": string(good.Key), "ca.crt": string(w.vault.CA())})
	w.keep(t, "bad", map[string]string{"tls.crt": string(bad.Certificate), "tls.key": string(bad.Key), "ca.crt": string(stranger.PEM())})
	w.keep(t, "mixed", map[string]string{"tls.crt": string(good.Certificate), "tls.key": string(bad.Key)})

	ca := string(w.vault.CA())
	ref := func(name string) *v1alpha1.LocalRef { return &v1alpha1.LocalRef{Name: name} }
	// With TLS 1.3 a client that lacks a certificate learns it after the handshake, and may
	// find the connection reset before it reads why.
	refused := []string{remote.ReasonTLSClientRefused, remote.ReasonConnectionReset}
	cases := map[string]struct {
		tls     v1alpha1.TLS
		class   fault.Class
		reasons []string
	}{
		"Good":          {tls: v1alpha1.TLS{CABundle: ca, ClientCertRef: ref("good")}},
		"GoodCARef":     {tls: v1alpha1.TLS{CARef: &v1alpha1.SecretKeyRef{Name: "good", Key: "ca.crt"}, ClientCertRef: ref("good")}},
		"GoodName":      {tls: v1alpha1.TLS{CABundle: ca, ClientCertRef: ref("good"), ServerName: w.vault.ServerName()}},
		"NoClientCert":  {tls: v1alpha1.TLS{CABundle: ca}, class: fault.Unavailable, reasons: refused},
		"BadClientCert": {tls: v1alpha1.TLS{CABundle: ca, ClientCertRef: ref("bad")}, class: fault.Unavailable, reasons: refused},
		"MixedPair":     {tls: v1alpha1.TLS{CABundle: ca, ClientCertRef: ref("mixed")}, class: fault.InvalidSpec, reasons: []string{"InvalidCredential"}},
		"AbsentPair":    {tls: v1alpha1.TLS{CABundle: ca, ClientCertRef: ref("absent")}, class: fault.InvalidSpec, reasons: []string{credentials.ReasonSecretNotFound}},
		"WrongCA":       {tls: v1alpha1.TLS{CABundle: string(stranger.PEM()), ClientCertRef: ref("good")}, class: fault.Unavailable, reasons: []string{remote.ReasonTLSUntrusted}},
		"WrongCARef":    {tls: v1alpha1.TLS{CARef: &v1alpha1.SecretKeyRef{Name: "bad", Key: "ca.crt"}, ClientCertRef: ref("good")}, class: fault.Unavailable, reasons: []string{remote.ReasonTLSUntrusted}},
		"NoCA":          {tls: v1alpha1.TLS{ClientCertRef: ref("good")}, class: fault.Unavailable, reasons: []string{remote.ReasonTLSUntrusted}},
		"WrongName":     {tls: v1alpha1.TLS{CABundle: ca, ClientCertRef: ref("good"), ServerName: "other.example.test"}, class: fault.Unavailable, reasons: []string{remote.ReasonTLSWrongName}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			spec := w.spec("kv2", kubernetesAuth())
			spec.TLS = tc.tls
			err := readEntry(t, opened(t, w.config(spec, namespace)))
			if tc.class == "" {
				tc.reasons = []string{""}
			}
			wantFault(t, err, tc.class, tc.reasons...)
		})
	}
}
