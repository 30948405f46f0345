// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"

	"github.com/go-jose/go-jose/v4"

	"github.com/secretsync/secretsync/pkg/privatekey"
)

// jwkToPEM writes a JSON Web Key as PEM: a private one as PKCS #8, a public one as PKIX.
func jwkToPEM(s string) (string, error) {
	if len(s) > privatekey.MaxSize {
		return "", refusal("a key of more than %d bytes is not read", privatekey.MaxSize)
	}
	var key jose.JSONWebKey
	if key.UnmarshalJSON([]byte(s)) != nil || !key.Valid() {
		return "", refusal("the text is not a JSON Web Key")
	}
	if key.IsPublic() {
		der, err := x509.MarshalPKIXPublicKey(key.Key)
		return encoded(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), err //nolint:wrapcheck // told anew by whoever bound the function
	}
	der, err := x509.MarshalPKCS8PrivateKey(key.Key)
	if err != nil {
		return "", refusal("a key of this kind has no notation in PEM")
	}
	return encoded(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// pemToJWK writes the first key of a PEM text, private or public, as a JSON Web Key.
func pemToJWK(s string) (string, error) {
	key, _, err := keyOf(s)
	if err != nil {
		if key, err = publicKeyOf(s); err != nil {
			return "", err
		}
	}
	text, err := jose.JSONWebKey{Key: key}.MarshalJSON()
	if err != nil {
		return "", refusal("a key of this kind has no notation as a JSON Web Key")
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		return "", err //nolint:wrapcheck // told anew by whoever bound the function
	}
	return toJSON(members)
}

func publicKeyOf(s string) (any, error) {
	for _, block := range blocksOf(s) {
		switch block.Type {
		case "PUBLIC KEY":
			if key, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
				return key, nil
			}
		case "RSA PUBLIC KEY":
			if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
				return key, nil
			}
		case "CERTIFICATE":
			if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
				return certificate.PublicKey, nil
			}
		}
	}
	return nil, refusal("the text holds no key in PEM that can be read")
}
