// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"strings"

	"github.com/secretsync/secretsync/pkg/privatekey"
)

// maxCertificates bounds how many certificates are parsed.
const maxCertificates = 256

// keys are the functions for keys, certificates and passwords.
func keys() map[string]any {
	return map[string]any{
		"pemCertificates": pemCertificates, "pemKey": pemKey, "filterPEM": filterPEM, "certChain": certChain,
		"pkcs12": pkcs12Store, "pkcs12Trust": pkcs12Trust, "jks": jksStore, "jksTrust": jksTrust,
		"jwkToPem": jwkToPEM, "pemToJwk": pemToJWK,
		"htpasswd": within(func(r *run) any { return r.htpasswd }),
	}
}

// blocksOf returns the PEM blocks of a text; what is between them is passed over. Nothing may be, where texts
// without a line end were put together.
func blocksOf(s string) []*pem.Block {
	var blocks []*pem.Block
	s = strings.ReplaceAll(s, "----------BEGIN ", "-----\n-----BEGIN ")
	for rest := []byte(s); len(blocks) <= maxCertificates; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		blocks = append(blocks, block)
	}
	return blocks
}

// encoded returns the text of a block. Headers are part of it: they say how a key is encrypted.
func encoded(block *pem.Block) string { return string(pem.EncodeToMemory(block)) }

// certificatesOf returns the certificates of a PEM text, at least one.
func certificatesOf(s string) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for _, block := range blocksOf(s) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, refusal("certificate %d of the text cannot be read", len(all)+1)
		}
		all = append(all, certificate)
	}
	if len(all) == 0 {
		return nil, refusal("the text holds no certificate in PEM")
	}
	if len(all) > maxCertificates {
		return nil, refusal("the text holds more than %d certificates", maxCertificates)
	}
	return all, nil
}

func pemOf(certificate *x509.Certificate) string {
	return encoded(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
}

// pemCertificates returns each certificate of a text.
func pemCertificates(s string) ([]any, error) {
	all, err := certificatesOf(s)
	list := make([]any, len(all))
	for i, certificate := range all {
		list[i] = pemOf(certificate)
	}
	return list, err
}

// keyBlock returns the private key of a text.
func keyBlock(s string) (*pem.Block, error) {
	for _, block := range blocksOf(s) {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		if !privatekey.Parsable(block.Bytes) {
			return nil, refusal("a private key of more than %d bytes, or of RSA with more than %d bits or two primes, is not read", privatekey.MaxSize, privatekey.MaxRSABits)
		}
		return block, nil
	}
	return nil, refusal("the text holds no private key in PEM")
}

func pemKey(s string) (string, error) {
	block, err := keyBlock(s)
	if err != nil {
		return "", err
	}
	return encoded(block), nil
}

// keyOf returns the private key of a text, as PKCS #8, too.
func keyOf(s string) (key any, der []byte, err error) {
	block, err := keyBlock(s)
	if err != nil {
		return nil, nil, err
	}
	for _, parse := range []func([]byte) (any, error){
		x509.ParsePKCS8PrivateKey,
		func(b []byte) (any, error) { return x509.ParsePKCS1PrivateKey(b) },
		func(b []byte) (any, error) { return x509.ParseECPrivateKey(b) },
	} {
		if key, err := parse(block.Bytes); err == nil {
			if der, err := x509.MarshalPKCS8PrivateKey(key); err == nil {
				return key, der, nil
			}
		}
	}
	return nil, nil, refusal("the private key cannot be read; one with a passphrase cannot be used")
}

// filterPEM keeps the blocks of one type, such as CERTIFICATE, of a PEM text.
func filterPEM(kind, s string) (string, error) {
	var kept strings.Builder
	for _, block := range blocksOf(s) {
		if block.Type == kind {
			kept.WriteString(encoded(block))
		}
	}
	if kept.Len() == 0 {
		return "", refusal("the text holds no block of that type in PEM")
	}
	return kept.String(), nil
}

// certChain puts the certificates of one chain in order: first the one that issued no other,
// then who issued it, and so on. The same one twice is there once.
func certChain(texts ...string) (string, error) {
	all, err := certificatesOf(strings.Join(texts, "\n"))
	if err != nil {
		return "", err
	}
	ordered, err := chainOf(all)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, certificate := range ordered {
		text.WriteString(pemOf(certificate))
	}
	return text.String(), nil
}

func chainOf(all []*x509.Certificate) ([]*x509.Certificate, error) {
	bySubject := map[string]*x509.Certificate{}
	issuers := map[string]struct{}{}
	for _, certificate := range all {
		subject := string(certificate.RawSubject)
		if other := cmp.Or(bySubject[subject], certificate); !other.Equal(certificate) {
			return nil, refusal("two different certificates have the same subject, so they are no chain")
		}
		bySubject[subject] = certificate
		if !selfIssued(certificate) {
			issuers[string(certificate.RawIssuer)] = struct{}{}
		}
	}
	var ordered []*x509.Certificate
	for subject, certificate := range bySubject {
		if _, ok := issuers[subject]; !ok {
			ordered = append(ordered, certificate)
		}
	}
	if len(ordered) != 1 {
		return nil, refusal("the certificates are no chain: %d of them issued no other, where one must be the leaf", len(ordered))
	}
	for at := ordered[0]; !selfIssued(at) && len(ordered) < len(bySubject); ordered = append(ordered, at) {
		issuer, ok := bySubject[string(at.RawIssuer)]
		if !ok {
			return nil, refusal("the certificates are no chain: the issuer of number %d is missing, and others are left over", len(ordered))
		}
		at = issuer
	}
	return whole(ordered, len(bySubject))
}

func whole(chain []*x509.Certificate, all int) ([]*x509.Certificate, error) {
	if len(chain) != all {
		return nil, refusal("the certificates are no chain: some are left over")
	}
	return chain, nil
}

func selfIssued(certificate *x509.Certificate) bool {
	return bytes.Equal(certificate.RawSubject, certificate.RawIssuer)
}
