// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"maps"
	"net/http"
)

// Identity is a machine identity.
type Identity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Tokens says what tokens a login gives; times in seconds, 0 for the server's default.
type Tokens struct {
	TTL, MaxTTL, UsesLimit int64
}

// Universal is a client id with a client secret.
type Universal struct {
	ClientID, ClientSecret string
	// SecretID is the id of the client secret.
	SecretID string
}

// CreateIdentity makes an identity that may do nothing yet.
func (c *Client) CreateIdentity(ctx context.Context, name string) (Identity, error) {
	var answer struct{ Identity Identity }
	err := c.Call(ctx, http.MethodPost, "/api/v1/identities",
		map[string]any{"name": unique(name), "organizationId": c.OrgID, "role": "no-access"}, &answer)
	return answer.Identity, err
}

// DeleteIdentity removes an identity.
func (c *Client) DeleteIdentity(ctx context.Context, id string) error {
	return c.Call(ctx, http.MethodDelete, "/api/v1/identities/"+id, nil, nil)
}

// AllowUniversal lets an identity log in with a client id and a client secret, which are returned.
func (c *Client) AllowUniversal(ctx context.Context, id string, tokens Tokens) (Universal, error) {
	var answer struct {
		Auth struct{ ClientID string } `json:"identityUniversalAuth"`
	}
	body := tokens.body()
	body["clientSecretTrustedIps"] = everywhere()
	if err := c.Call(ctx, http.MethodPost, "/api/v1/auth/universal-auth/identities/"+id, body, &answer); err != nil {
		return Universal{}, err
	}
	made, err := c.ClientSecret(ctx, id, 0, 0)
	made.ClientID = answer.Auth.ClientID
	return made, err
}

// ClientSecret makes another client secret: for that many seconds and logins, 0 for ever.
func (c *Client) ClientSecret(ctx context.Context, id string, ttl, usesLimit int64) (Universal, error) {
	var answer struct {
		ClientSecret     string
		ClientSecretData struct{ ID string }
	}
	err := c.Call(ctx, http.MethodPost, "/api/v1/auth/universal-auth/identities/"+id+"/client-secrets",
		map[string]any{"description": "test", "ttl": ttl, "numUsesLimit": usesLimit}, &answer)
	return Universal{ClientSecret: answer.ClientSecret, SecretID: answer.ClientSecretData.ID}, err
}

// RevokeClientSecret ends a client secret.
func (c *Client) RevokeClientSecret(ctx context.Context, id, secretID string) error {
	return c.Call(ctx, http.MethodPost, "/api/v1/auth/universal-auth/identities/"+id+"/client-secrets/"+secretID+"/revoke", nil, nil)
}

// Kubernetes is how an identity logs in with the token of a ServiceAccount.
type Kubernetes struct {
	// Host is the address of the API server that reviews tokens, CACert its authority in PEM, and
	// ReviewerJWT the token that may review; empty has each token review itself.
	Host, CACert, ReviewerJWT string
	// Namespaces, Names and Audience narrow who may; lists are separated by commas, empty is everybody.
	Namespaces, Names, Audience string
}

// AllowKubernetes lets an identity log in with tokens of ServiceAccounts.
func (c *Client) AllowKubernetes(ctx context.Context, id string, k Kubernetes, tokens Tokens) error {
	return c.Allow(ctx, id, "kubernetes-auth", tokens, map[string]any{
		"kubernetesHost": k.Host, "caCert": k.CACert, "tokenReviewerJwt": k.ReviewerJWT, "tokenReviewMode": "api",
		"allowedNamespaces": k.Namespaces, "allowedNames": k.Names, "allowedAudience": k.Audience,
	})
}

// Signed is how an identity logs in with a token that somebody else signed.
type Signed struct {
	// DiscoveryURL is that of an OIDC provider, for oidc-auth; CACert its authority in PEM.
	DiscoveryURL, CACert string
	// PublicKeys in PEM, or the address of a key set, for jwt-auth.
	PublicKeys []string
	JWKSURL    string
	// Issuer, Subject and Audiences must be what the token says; empty is anything.
	Issuer, Subject, Audiences string
	// Claims must be there with these values.
	Claims map[string]string
}

// AllowOIDC lets an identity log in with tokens of an OIDC provider.
func (c *Client) AllowOIDC(ctx context.Context, id string, s Signed, tokens Tokens) error {
	settings := s.body()
	settings["oidcDiscoveryUrl"], settings["caCert"] = s.DiscoveryURL, s.CACert
	return c.Allow(ctx, id, "oidc-auth", tokens, settings)
}

// AllowJWT lets an identity log in with tokens signed by known keys.
func (c *Client) AllowJWT(ctx context.Context, id string, s Signed, tokens Tokens) error {
	settings := s.body()
	settings["configurationType"], settings["publicKeys"] = "static", s.PublicKeys
	if s.JWKSURL != "" {
		settings["configurationType"], settings["jwksUrl"], settings["jwksCaCert"] = "jwks", s.JWKSURL, s.CACert
	}
	return c.Allow(ctx, id, "jwt-auth", tokens, settings)
}

// GiveToken lets an identity in with a token that is given out here.
func (c *Client) GiveToken(ctx context.Context, id string, tokens Tokens) (text string, err error) {
	if err := c.Allow(ctx, id, "token-auth", tokens, nil); err != nil {
		return "", err
	}
	var answer struct{ AccessToken string }
	err = c.Call(ctx, http.MethodPost, "/api/v1/auth/token-auth/identities/"+id+"/tokens", map[string]any{"name": "test"}, &answer)
	return answer.AccessToken, err
}

// Allow lets an identity log in by another method, which is named as in the API.
func (c *Client) Allow(ctx context.Context, id, method string, tokens Tokens, settings map[string]any) error {
	body := tokens.body()
	maps.Copy(body, settings)
	return c.Call(ctx, http.MethodPost, "/api/v1/auth/"+method+"/identities/"+id, body, nil)
}

func (s Signed) body() map[string]any {
	claims := s.Claims
	if claims == nil {
		claims = map[string]string{}
	}
	return map[string]any{
		"boundIssuer": s.Issuer, "boundSubject": s.Subject, "boundAudiences": s.Audiences, "boundClaims": claims,
	}
}

func (t Tokens) body() map[string]any {
	const default30Days = 2_592_000
	body := map[string]any{
		"accessTokenTrustedIps": everywhere(), "accessTokenTTL": int64(default30Days), "accessTokenMaxTTL": int64(default30Days),
		"accessTokenNumUsesLimit": t.UsesLimit,
	}
	if t.TTL > 0 {
		body["accessTokenTTL"] = t.TTL
	}
	if t.MaxTTL > 0 {
		body["accessTokenMaxTTL"] = t.MaxTTL
	}
	return body
}

func everywhere() []map[string]any {
	return []map[string]any{{"ipAddress": "0.0.0.0/0"}, {"ipAddress": "::/0"}}
}
