// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"golang.org/x/crypto/bcrypt"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/template"
)

// chain is a leaf, who issued it, and the root, in PEM, and the leaf's key.
type chain struct{ leaf, intermediate, root, key string }

// newChain makes one.
func newChain(t *testing.T) chain {
	t.Helper()
	root, rootKey := issue(t, "root", nil, nil)
	intermediate, intermediateKey := issue(t, "intermediate", root, rootKey)
	leaf, key := issue(t, "leaf", intermediate, intermediateKey)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := func(c *x509.Certificate) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return chain{
		leaf: certificate(leaf), intermediate: certificate(intermediate), root: certificate(root),
		key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}
}

func issue(t *testing.T, name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), nil)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: name != "leaf", BasicConstraintsValid: true,
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	if parent == nil {
		parent, parentKey = about, key
	}
	der, err := x509.CreateCertificate(nil, about, parent, key.Public(), parentKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// twice renders a template twice, and wants the same bytes.
func twice(t *testing.T, text string, values map[string]string) string {
	t.Helper()
	first, err := renderOne(text, values)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if second, err := renderOne(text, values); err != nil || second != first {
		t.Fatalf("%s renders to other bytes the second time (%v)", text, err)
	}
	return first
}

// locked is a key with a passphrase. Without what its headers say it cannot be opened.
const locked = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AAAA\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"

func TestCertificates(t *testing.T) {
	c := newChain(t)
	values := map[string]string{"locked": locked, "mixed": c.root + "comment\n" + c.key + c.leaf + c.leaf + c.intermediate, "key": c.key, "leaf": c.leaf, "rest": c.root + c.intermediate}
	for name, tc := range map[string]struct{ text, want string }{
		"Chain":        {"{{ certChain .mixed }}", c.leaf + c.intermediate + c.root},
		"FullChain":    {"{{ certChain .leaf .rest }}", c.leaf + c.intermediate + c.root},
		"Adjacent":     {"{{ certChain (print (trim .leaf) (trim .rest)) }}", c.leaf + c.intermediate + c.root},
		"Key":          {"{{ pemKey .mixed }}", c.key},
		"LockedKey":    {"{{ pemKey .locked }}{{ filterPEM \"RSA PRIVATE KEY\" .locked }}", locked + locked},
		"Filter":       {"{{ filterPEM \"PRIVATE KEY\" .mixed }}", c.key},
		"Certificates": {"{{ index (pemCertificates .mixed) 1 }}{{ len (pemCertificates .mixed) }}", c.leaf + "4"},
		"JWK":          {"{{ pemToJwk .key | jwkToPem }}", c.key},
		"PublicJWK":    {"{{ (pemToJwk .leaf | fromJson).kty }}", "EC"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := twice(t, tc.text, values); got != tc.want {
				t.Errorf("want\n%s\ngot\n%s", tc.want, got)
			}
		})
	}
}

func TestWrongCertificates(t *testing.T) {
	c, other := newChain(t), newChain(t)
	values := map[string]string{
		"leaf": c.leaf, "key": c.key, "otherKey": other.key, "gap": c.leaf + c.root, "two": c.leaf + other.leaf,
		"broken": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	}
	for text, says := range map[string]string{
		"{{ certChain .gap }}":                      "no chain",
		"{{ certChain .two }}":                      "no chain",
		"{{ certChain .key }}":                      "no certificate",
		"{{ certChain .broken }}":                   "certificate 1",
		"{{ pemKey .leaf }}":                        "no private key",
		"{{ pkcs12 .otherKey .leaf \"changeit\" }}": "does not belong",
		"{{ jks \"a\" .key .leaf \"short\" }}":      "at least 6",
		"{{ jksTrust .key \"changeit\" }}":          "no certificate",
		"{{ jwkToPem \"{\\\"kty\\\": \\\"oct\\\", \\\"k\\\": \\\"AAAA\\\"}\" }}": "JSON Web Key",
		"{{ filterPEM \"X\" .leaf }}":                                            "no block",
	} {
		if _, err := renderOne(text, values); !fault.Is(err, fault.InvalidContent) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: want %q, got %v", text, says, err)
		}
	}
}

// TestStores: what others read from a store is what was put in, and the bytes are the same each
// time; another key has other bytes where chance would be.
func TestStores(t *testing.T) {
	c := newChain(t)
	values := map[string]string{"key": c.key, "certs": c.root + c.intermediate + c.leaf, "password": "changeit"}
	block, _ := pem.Decode([]byte(c.key))

	store := twice(t, "{{ pkcs12 .key .certs .password }}", values)
	key, leaf, authorities, err := pkcs12.DecodeChain([]byte(store), "changeit")
	if err != nil || leaf.Subject.CommonName != "leaf" || len(authorities) != 2 {
		t.Fatalf("want leaf and two authorities, got %v, %d, %v", leaf, len(authorities), err)
	}
	if public := key.(crypto.Signer).Public().(*ecdsa.PublicKey); !public.Equal(leaf.PublicKey) {
		t.Error("want the key of the leaf")
	}
	trusted, err := pkcs12.DecodeTrustStore([]byte(twice(t, "{{ pkcs12Trust .certs .password }}", values)), "changeit")
	if err != nil || len(trusted) != 3 {
		t.Errorf("want three trusted certificates, got %d, %v", len(trusted), err)
	}

	java := keystore.New()
	if err := java.Load(strings.NewReader(twice(t, "{{ jks \"app\" .key .certs .password }}", values)), []byte("changeit")); err != nil {
		t.Fatal(err)
	}
	entry, err := java.GetPrivateKeyEntry("app", []byte("changeit"))
	if err != nil || !bytes.Equal(entry.PrivateKey, block.Bytes) || len(entry.CertificateChain) != 3 {
		t.Errorf("want the key and three certificates, got %d, %v", len(entry.CertificateChain), err)
	}
	java = keystore.New()
	if err := java.Load(strings.NewReader(twice(t, "{{ jksTrust .certs .password }}", values)), []byte("changeit")); err != nil || !java.IsTrustedCertificateEntry("ca-3") {
		t.Errorf("want three trusted certificates, got %v, %v", java.Aliases(), err)
	}
}

// TestPasswordFile: the hash verifies elsewhere; its salt depends on whom it is for, and not on the
// password, which it would let be guessed quickly.
func TestPasswordFile(t *testing.T) {
	line, err := renderOne("{{ htpasswd .user .password }}", map[string]string{"user": "olga", "password": "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	user, hash, _ := strings.Cut(line, ":")
	if err := bcrypt.CompareHashAndPassword([]byte(hash), []byte("correct horse")); err != nil || user != "olga" {
		t.Errorf("want the hash of the password of olga, got %s: %v", line, err)
	}
	seen := map[string]bool{}
	for _, who := range []struct{ namespace, name, user string }{{"a", "b", "olga"}, {"a", "b", "ivan"}, {"a", "c", "olga"}, {"b", "b", "olga"}, {"ab", "", "olga"}} {
		salt, err := template.SaltFor(template.Names{Namespace: who.namespace, Name: who.name}, who.user)
		if err != nil || len(salt) != 16 {
			t.Fatalf("want 16 bytes, got %d, %v", len(salt), err)
		}
		seen[string(salt)] = true
	}
	if len(seen) != 5 {
		t.Errorf("want another salt for each SecretSync and user, got %d of 5", len(seen))
	}
}

// TestJWKBothWays: a key of each kind comes back, private and public, and is the same for another library.
func TestJWKBothWays(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(nil, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey, "Ed25519": edKey, "EC": ecKey} {
		t.Run(name, func(t *testing.T) {
			private, err := x509.MarshalPKCS8PrivateKey(key)
			if err != nil {
				t.Fatal(err)
			}
			public, err := x509.MarshalPKIXPublicKey(key.Public())
			if err != nil {
				t.Fatal(err)
			}
			for kind, der := range map[string][]byte{"PRIVATE KEY": private, "PUBLIC KEY": public} {
				text := string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
				jwk := twice(t, "{{ pemToJwk .key }}", map[string]string{"key": text})
				if got := twice(t, "{{ jwkToPem .key }}", map[string]string{"key": jwk}); got != text {
					t.Errorf("%s comes back as\n%s", kind, got)
				}
				var read jose.JSONWebKey
				if err := read.UnmarshalJSON([]byte(jwk)); err != nil || !read.Valid() || read.IsPublic() != (kind == "PUBLIC KEY") {
					t.Errorf("%s: want a JSON Web Key of its kind, got %v", kind, err)
				}
			}
		})
	}
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey)}))
	if got := twice(t, "{{ (pemToJwk .key | fromJson).kty }}", map[string]string{"key": pkcs1}); got != "RSA" {
		t.Errorf("want an RSA key, got %s", got)
	}
}
