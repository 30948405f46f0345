// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/secretsync/secretsync/test/cluster/pki"
)

// JWTSigner signs tokens (ES256) as an identity provider would.
type JWTSigner struct {
	issuer string
	key    *ecdsa.PrivateKey
	public []byte
}

// NewJWTSigner makes an issuer with a key of its own.
func NewJWTSigner(issuer string) (*JWTSigner, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a signing key: %w", err)
	}
	public, err := pki.PublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	return &JWTSigner{issuer: issuer, key: key, public: public}, nil
}

// Issuer is the `iss` claim of the tokens.
func (s *JWTSigner) Issuer() string { return s.issuer }

// PublicKey verifies the tokens, PEM.
func (s *JWTSigner) PublicKey() []byte { return s.public }

// Sign makes a token for an hour from now. The claims are added to issuer and times and win over them.
func (s *JWTSigner) Sign(claims map[string]any) (string, error) {
	now := time.Now()
	all := map[string]any{"iss": s.issuer, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(all, claims)
	payload, err := json.Marshal(all)
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"ES256","typ":"JWT"}`)) + "." + encode(payload)
	digest := sha256.Sum256([]byte(signed))
	r, t, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	// RFC 7518, section 3.4: both numbers, 32 bytes each.
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	t.FillBytes(signature[32:])
	return signed + "." + encode(signature), nil
}
