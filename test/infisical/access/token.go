// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// maxTokenAge bounds the life of every token: MAX_MACHINE_IDENTITY_TOKEN_AGE of the server, 90 days.
const maxTokenAge = 90 * 24 * 60 * 60

// periodicMaxTTL is told as the longest life of a token that can be renewed for ever.
const periodicMaxTTL = 1_000_000_000

// Grant is the answer to a login.
type Grant struct {
	AccessToken string `json:"accessToken"`
	ExpiresIn   int64  `json:"expiresIn"`
	MaxTTL      int64  `json:"accessTokenMaxTTL"`
	TokenType   string `json:"tokenType"`

	// TokenID and IdentityID are not told.
	TokenID    string `json:"-"`
	IdentityID string `json:"-"`
}

// Caller is who a token speaks for.
type Caller struct {
	// ID is that of the identity or of the user.
	ID, Name, OrgID string
	// User says that it is a person.
	User bool
	// Admin says that it may administer the organization.
	Admin bool
}

type token struct {
	id, identityID, clientSecretID string
	method                         Method
	policy                         Policy
	created                        time.Time
	uses                           int64
	revoked                        bool
}

type claims struct {
	jwt.Claims

	TokenType     string `json:"authTokenType"`
	IdentityID    string `json:"identityId,omitempty"`
	TokenID       string `json:"identityAccessTokenId,omitempty"`
	UserID        string `json:"userId,omitempty"`
	IdentityName  string `json:"identityName,omitempty"`
	AuthMethod    Method `json:"authMethod,omitempty"`
	OrgID         string `json:"orgId,omitempty"`
	TTL           int64  `json:"accessTokenTTL"`
	MaxTTL        int64  `json:"accessTokenMaxTTL"`
	Period        int64  `json:"accessTokenPeriod"`
	CreationEpoch int64  `json:"creationEpoch"`
	UsesLimit     int64  `json:"numUsesLimit"`
}

const (
	typeIdentity = "identityAccessToken"
	typeUser     = "accessToken"

	textExpired   = "Your token has expired. Please re-authenticate."
	textMalformed = "The provided access token is malformed. Please use a valid token or generate a new one and try again."
	textRevoked   = "Failed to authorize revoked access token, access token is revoked"
	textUsedUp    = "Failed to authorize: access token usage limit reached"
)

// Login gives a token to an identity whose credentials the caller has verified.
func (r *Registry) Login(id string, method Method) (Grant, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.identity(id)
	if err != nil {
		return Grant{}, err
	}
	return r.grant(found, method, "")
}

// LoginUser gives a token to a person.
func (r *Registry) LoginUser(email, password string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range r.users {
		if u.Email == email && u.Password == password {
			return r.sign(claims{
				TokenType: typeUser, UserID: u.ID, OrgID: u.OrgID,
				Claims: jwt.Claims{Expiry: jwt.NewNumericDate(r.clock.Now().Add(seconds(maxTokenAge)))},
			})
		}
	}
	return "", Unauthorized(textInvalid)
}

// Authenticate returns who the token speaks for, and counts the call.
func (r *Registry) Authenticate(text string) (Caller, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	said, err := r.parse(text)
	if err != nil {
		return Caller{}, err
	}
	if said.TokenType == typeUser {
		u, ok := r.users[said.UserID]
		if !ok {
			return Caller{}, Unauthorized("You are not allowed to access this resource")
		}
		return Caller{ID: u.ID, Name: u.Email, OrgID: u.OrgID, User: true, Admin: true}, nil
	}
	t, err := r.alive(said)
	if err != nil {
		return Caller{}, err
	}
	if t.policy.UsesLimit > 0 && t.uses >= t.policy.UsesLimit {
		return Caller{}, Unauthorized(textUsedUp)
	}
	t.uses++
	found := r.identities[t.identityID]
	return Caller{ID: found.ID, Name: found.Name, OrgID: found.OrgID, Admin: found.Role == "admin"}, nil
}

// TrustedIPs returns from where the token may be used; empty means from everywhere.
func (r *Registry) TrustedIPs(text string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	said, err := r.parse(text)
	if err != nil || r.tokens[said.TokenID] == nil {
		return nil
	}
	return r.tokens[said.TokenID].policy.TrustedIPs
}

// Renew gives a new text for a token, with what is left of its longest life.
func (r *Registry) Renew(text string) (Grant, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	said, err := r.parse(text)
	if err != nil {
		return Grant{}, err
	}
	t, err := r.alive(said)
	if err != nil {
		return Grant{}, err
	}
	if t.policy.UsesLimit > 0 && t.uses >= t.policy.UsesLimit {
		return Grant{}, Unauthorized("Cannot renew exhausted access token")
	}
	if r.rules.TokensAreRows {
		if err := r.fitsMaxTTL(t); err != nil {
			delete(r.tokens, t.id)
			return Grant{}, err
		}
	}
	return r.text(t, r.identities[t.identityID])
}

// Revoke ends a token.
func (r *Registry) Revoke(text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	said, err := r.parse(text)
	if err != nil {
		return err
	}
	t, err := r.alive(said)
	if err != nil {
		return err
	}
	t.revoked = true
	return nil
}

// RevokeAll ends all tokens of an identity.
func (r *Registry) RevokeAll(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.revokeAll(func(t *token) bool { return t.identityID == id })
}

func (r *Registry) revokeAll(which func(*token) bool) {
	for _, t := range r.tokens {
		if which(t) {
			t.revoked = true
		}
	}
}

func (r *Registry) grant(found *identity, method Method, clientSecretID string) (Grant, error) {
	t := &token{
		id: newID(), identityID: found.ID, clientSecretID: clientSecretID,
		method: method, policy: found.policies[method], created: r.clock.Now(),
	}
	r.tokens[t.id] = t
	return r.text(t, found)
}

// text writes a token down as it is now.
func (r *Registry) text(t *token, found *identity) (Grant, error) {
	now := r.clock.Now()
	lasts, longest := r.lifetime(t)
	if lasts <= 0 {
		return Grant{}, Unauthorized("Failed to authorize: access token has reached its max TTL")
	}
	text, err := r.sign(claims{
		TokenType: typeIdentity, IdentityID: t.identityID, TokenID: t.id, IdentityName: found.Name,
		AuthMethod: t.method, OrgID: found.OrgID,
		TTL: t.policy.TTL, MaxTTL: t.policy.MaxTTL, Period: t.policy.Period, CreationEpoch: t.created.Unix(), UsesLimit: t.policy.UsesLimit,
		Claims: jwt.Claims{ID: t.id, IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(seconds(lasts)))},
	})
	return Grant{
		AccessToken: text, ExpiresIn: lasts, MaxTTL: longest, TokenType: "Bearer", TokenID: t.id, IdentityID: t.identityID,
	}, err
}

// lifetime returns for how many seconds the token lasts from now, and the longest life told.
func (r *Registry) lifetime(t *token) (lasts, longest int64) {
	if t.policy.Period > 0 {
		return t.policy.Period, periodicMaxTTL
	}
	lasts = t.policy.TTL
	if lasts == 0 {
		lasts = maxTokenAge
	}
	if t.policy.MaxTTL > 0 && !r.rules.TokensAreRows {
		lasts = min(lasts, t.policy.MaxTTL-int64(r.clock.Since(t.created)/time.Second))
	}
	return min(lasts, maxTokenAge), t.policy.MaxTTL
}

// fitsMaxTTL is how the old server refused a renewal.
func (r *Registry) fitsMaxTTL(t *token) error {
	if t.policy.MaxTTL == 0 || t.policy.Period > 0 {
		return nil
	}
	end, now := t.created.Add(seconds(t.policy.MaxTTL)), r.clock.Now()
	switch {
	case now.After(end):
		return Unauthorized("Failed to renew MI access token due to Max TTL expiration")
	case now.Add(seconds(t.policy.TTL)).After(end):
		return Unauthorized("Failed to renew MI access token past its Max TTL expiration")
	}
	return nil
}

// alive returns the token that a text speaks of, unless it was ended.
func (r *Registry) alive(said claims) (*token, error) {
	t := r.tokens[said.TokenID]
	switch {
	case t == nil || r.identities[t.identityID] == nil:
		return nil, Unauthorized("No identity access token found")
	case t.revoked:
		return nil, Unauthorized(textRevoked)
	}
	return t, nil
}

func (r *Registry) sign(c claims) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: r.key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(c).Serialize()
}

// parse verifies a text as jsonwebtoken does, and refuses it in its words.
func (r *Registry) parse(text string) (claims, error) {
	parsed, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		return claims{}, TokenError(textMalformed)
	}
	var said claims
	if err := parsed.Claims(r.key, &said); err != nil {
		return claims{}, TokenError("invalid signature")
	}
	err = said.ValidateWithLeeway(jwt.Expected{Time: r.clock.Now()}, 0)
	switch {
	case errors.Is(err, jwt.ErrExpired) && r.rules.ExpiredIs401:
		return claims{}, Unauthorized(textExpired)
	case errors.Is(err, jwt.ErrExpired):
		return claims{}, TokenError(textExpired)
	case errors.Is(err, jwt.ErrIssuedInTheFuture), errors.Is(err, jwt.ErrNotValidYet):
		return claims{}, TokenError("jwt not active")
	case err != nil:
		return claims{}, TokenError(textMalformed)
	}
	return said, nil
}
