// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/store"
)

// maxKeys bounds what is read of a key set.
const maxKeys = 1 << 20

// jwtSettings is how an identity logs in with a token that somebody else signed.
type jwtSettings struct {
	// DiscoveryURL is that of an OIDC provider.
	DiscoveryURL string `json:"oidcDiscoveryUrl"`
	CACert       string `json:"caCert"`
	// ConfigurationType is jwks or static.
	ConfigurationType string   `json:"configurationType"`
	JWKSURL           string   `json:"jwksUrl"`
	JWKSCACert        string   `json:"jwksCaCert"`
	PublicKeys        []string `json:"publicKeys"`

	Issuer    string            `json:"boundIssuer"`
	Subject   string            `json:"boundSubject"`
	Audiences string            `json:"boundAudiences"`
	Claims    map[string]string `json:"boundClaims"`
}

// algorithms are those that a token may be signed with.
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA}
}

func (c *call) verifyJWT(ctx context.Context, method access.Method, text json.RawMessage, token string) error {
	var settings jwtSettings
	if err := json.Unmarshal(text, &settings); err != nil {
		return store.BadRequest("reading the settings: %v", err)
	}
	parsed, err := jwt.ParseSigned(token, algorithms())
	if err != nil {
		return unverified("invalid JWT")
	}
	keys, err := c.keys(ctx, method, settings)
	if err != nil {
		return err
	}
	var standard jwt.Claims
	var all map[string]any
	verified := slices.ContainsFunc(keys.Keys, func(key jose.JSONWebKey) bool {
		said := parsed.Headers[0].KeyID
		return (said == "" || key.KeyID == "" || said == key.KeyID) && parsed.Claims(key.Key, &standard, &all) == nil
	})
	if !verified {
		return unverified("JWT verification failed")
	}
	if err := standard.ValidateWithLeeway(jwt.Expected{Time: c.clock.Now()}, 0); err != nil {
		return unverified("JWT expired or not yet valid")
	}
	return settings.judge(standard, all)
}

// judge compares what a token says with what it must say.
func (s jwtSettings) judge(standard jwt.Claims, all map[string]any) error {
	switch {
	case s.Issuer != "" && standard.Issuer != s.Issuer:
		return store.Forbidden("ForbiddenError", "Access denied: issuer mismatch")
	case s.Subject != "" && !store.Glob(s.Subject, standard.Subject):
		return store.Forbidden("ForbiddenError", "Access denied: subject not allowed.")
	}
	if allowed := list(s.Audiences); len(allowed) > 0 &&
		!slices.ContainsFunc(allowed, func(audience string) bool { return standard.Audience.Contains(audience) }) {
		return store.Forbidden("ForbiddenError", "Access denied: audience not allowed.")
	}
	for name, wanted := range s.Claims {
		if !slices.ContainsFunc(list(wanted), func(value string) bool { return store.Glob(value, fmt.Sprint(all[name])) }) {
			return store.Forbidden("ForbiddenError", "Access denied: claim mismatch for field %s", name)
		}
	}
	return nil
}

// keys are those that may have signed.
func (c *call) keys(ctx context.Context, method access.Method, s jwtSettings) (jose.JSONWebKeySet, error) {
	switch {
	case method == access.Azure || method == access.GCP:
		return keySet(c.verify.CloudKeys)
	case method == access.OIDC:
		var discovered struct {
			Issuer  string `json:"issuer"`
			JWKSURL string `json:"jwks_uri"`
		}
		text, err := fetch(ctx, strings.TrimSuffix(s.DiscoveryURL, "/")+"/.well-known/openid-configuration", s.CACert)
		if err != nil {
			return jose.JSONWebKeySet{}, err
		}
		if err := json.Unmarshal(text, &discovered); err != nil {
			return jose.JSONWebKeySet{}, unverified("the OIDC discovery document cannot be read")
		}
		return fetchKeys(ctx, discovered.JWKSURL, s.CACert)
	case s.ConfigurationType == "jwks":
		return fetchKeys(ctx, s.JWKSURL, s.JWKSCACert)
	default:
		return pemKeys(s.PublicKeys)
	}
}

func fetchKeys(ctx context.Context, url, caCert string) (jose.JSONWebKeySet, error) {
	text, err := fetch(ctx, url, caCert)
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	return keySet(text)
}

func keySet(text []byte) (jose.JSONWebKeySet, error) {
	var keys jose.JSONWebKeySet
	if len(text) == 0 {
		return keys, nil
	}
	if err := json.Unmarshal(text, &keys); err != nil {
		return keys, unverified("the key set cannot be read")
	}
	return keys, nil
}

func pemKeys(texts []string) (jose.JSONWebKeySet, error) {
	var keys jose.JSONWebKeySet
	for _, text := range texts {
		block, _ := pem.Decode([]byte(text))
		if block == nil {
			return keys, unverified("a public key is no PEM")
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return keys, unverified("a public key cannot be read")
		}
		keys.Keys = append(keys.Keys, jose.JSONWebKey{Key: key})
	}
	return keys, nil
}

func fetch(ctx context.Context, url, caCert string) ([]byte, error) {
	client, done, err := clientFor(caCert)
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, unverified("the identity provider has no address")
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, unverified("the identity provider cannot be reached")
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxKeys))
	if err != nil || response.StatusCode != http.StatusOK {
		return nil, unverified("the identity provider answered " + response.Status)
	}
	return text, nil
}
