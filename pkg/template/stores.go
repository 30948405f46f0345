// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"bytes"
	"crypto"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"
)

// minPassword is the least that Java takes as the password of a store.
const minPassword = 6

// derived returns bytes in place of random ones: the same content has the same, other content
// has others. A password must not be part of the content: what is derived is public (a salt),
// and would let passwords be tried without the work that the salted function costs.
func derived(purpose string, content ...[]byte) (io.Reader, error) {
	var all []byte
	for _, part := range content {
		all = binary.BigEndian.AppendUint64(all, uint64(len(part)))
		all = append(all, part...)
	}
	const enough = 4096
	stream, err := hkdf.Key(sha256.New, all, nil, "secretsync.io/template/"+purpose, enough)
	return bytes.NewReader(stream), err //nolint:wrapcheck // told anew by whoever bound the function
}

// identity is a private key with its chain, leaf first.
type identity struct {
	key   any
	der   []byte
	chain []*x509.Certificate
}

// identityOf reads a key and its certificates, which must belong to each other.
func identityOf(keyText, certificates string) (identity, error) {
	key, der, err := keyOf(keyText)
	if err != nil {
		return identity{}, err
	}
	all, err := certificatesOf(certificates)
	if err != nil {
		return identity{}, err
	}
	chain, err := chainOf(all)
	if err != nil {
		return identity{}, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return identity{}, refusal("the private key is of a kind that cannot sign")
	}
	public, ok := chain[0].PublicKey.(interface {
		Equal(other crypto.PublicKey) bool
	})
	if !ok || !public.Equal(signer.Public()) {
		return identity{}, refusal("the private key does not belong to the certificate %d of the chain, its leaf", 1)
	}
	return identity{key: key, der: der, chain: chain}, nil
}

func rawOf(certificates []*x509.Certificate) [][]byte {
	all := make([][]byte, len(certificates))
	for i, certificate := range certificates {
		all[i] = certificate.Raw
	}
	return all
}

// pkcs12Store writes a key and its chain as PKCS #12: AES-256 with keys of PBKDF2, SHA-256.
func pkcs12Store(key, certificates, password string) (string, error) {
	id, err := identityOf(key, certificates)
	if err != nil {
		return "", err
	}
	chance, err := derived("pkcs12", append([][]byte{id.der}, rawOf(id.chain)...)...)
	if err != nil {
		return "", err
	}
	store, err := pkcs12.Modern2023.WithRand(chance).Encode(id.key, id.chain[0], id.chain[1:], password)
	return string(store), err //nolint:wrapcheck // told anew by whoever bound the function
}

// pkcs12Trust writes certificates as a store of PKCS #12 that Java trusts.
func pkcs12Trust(certificates, password string) (string, error) {
	all, err := certificatesOf(certificates)
	if err != nil {
		return "", err
	}
	chance, err := derived("pkcs12-trust", rawOf(all)...)
	if err != nil {
		return "", err
	}
	store, err := pkcs12.Modern2023.WithRand(chance).EncodeTrustStore(all, password)
	return string(store), err //nolint:wrapcheck // told anew by whoever bound the function
}

// jksStore writes a key and its chain as a Java keystore.
func jksStore(alias, key, certificates, password string) (string, error) {
	id, err := identityOf(key, certificates)
	if err != nil {
		return "", err
	}
	chance, err := derived("jks", append([][]byte{id.der}, rawOf(id.chain)...)...)
	if err != nil {
		return "", err
	}
	return javaStore(password, chance, func(store keystore.KeyStore) error {
		entry := keystore.PrivateKeyEntry{CreationTime: createdAt(id.chain[0]), PrivateKey: id.der}
		for _, certificate := range id.chain {
			entry.CertificateChain = append(entry.CertificateChain, javaCertificate(certificate))
		}
		return store.SetPrivateKeyEntry(alias, entry, []byte(password))
	})
}

// jksTrust writes certificates as a Java truststore, under the names ca-1, ca-2 and so on.
func jksTrust(certificates, password string) (string, error) {
	all, err := certificatesOf(certificates)
	if err != nil {
		return "", err
	}
	return javaStore(password, nil, func(store keystore.KeyStore) error {
		for i, certificate := range all {
			entry := keystore.TrustedCertificateEntry{CreationTime: createdAt(certificate), Certificate: javaCertificate(certificate)}
			if err := store.SetTrustedCertificateEntry(fmt.Sprintf("ca-%d", i+1), entry); err != nil {
				return err //nolint:wrapcheck // told anew by whoever bound the function
			}
		}
		return nil
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c > unicode.MaxASCII })
}

func javaStore(password string, chance io.Reader, fill func(keystore.KeyStore) error) (string, error) {
	if len(password) < minPassword {
		return "", refusal("Java takes passwords of at least %d characters", minPassword)
	}
	if !ascii(password) { // The library encodes others in a way that Java does not.
		return "", refusal("the password of a Java keystore can have ASCII characters only")
	}
	store := keystore.New(keystore.WithOrderedAliases(), keystore.WithCustomRandomNumberGenerator(chance))
	if err := fill(store); err != nil {
		return "", err
	}
	var file bytes.Buffer
	err := store.Store(&file, []byte(password))
	return file.String(), err //nolint:wrapcheck // told anew by whoever bound the function
}

func javaCertificate(certificate *x509.Certificate) keystore.Certificate {
	return keystore.Certificate{Type: "X509", Content: certificate.Raw}
}

// createdAt stands for the time at which an entry was made, which must be the same each time.
func createdAt(certificate *x509.Certificate) time.Time { return certificate.NotBefore.UTC() }
