// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"time"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// Lockout is when guessing a client secret locks universal auth for everybody who uses it.
type Lockout struct {
	Enabled bool
	// Threshold is how many wrong secrets it takes.
	Threshold int
	// Window is how long wrong secrets count; Duration how long the lock lasts.
	Window, Duration time.Duration
}

// DefaultLockout is the server's.
func DefaultLockout() Lockout {
	return Lockout{Enabled: true, Threshold: 3, Window: 30 * time.Second, Duration: 300 * time.Second}
}

// ClientSecret is a client secret as it is told; the secret itself is told once, at its making.
type ClientSecret struct {
	ID, Description, Prefix string
	// TTL is in seconds, 0 for ever; UsesLimit is 0 for no limit.
	TTL, UsesLimit, Uses int64
	CreatedAt            time.Time
	Revoked              bool
}

type universal struct {
	clientID string
	lockout  Lockout
	secrets  []*clientSecret

	wrong       int
	firstWrong  time.Time
	lockedUntil time.Time
}

type clientSecret struct {
	ClientSecret

	text string
}

const (
	textInvalid = "Invalid credentials"
	textLocked  = "This identity auth method is temporarily locked, please try again later"
	prefix      = 4 // of a client secret, as it is told
)

// AllowUniversal lets an identity log in with a client id, which is returned, and client secrets.
func (r *Registry) AllowUniversal(id string, policy Policy, lockout Lockout) (clientID string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.identity(id)
	if err != nil {
		return "", err
	}
	if found.universal != nil {
		return "", store.BadRequest("Failed to add universal auth to already configured identity")
	}
	found.universal = &universal{clientID: newID(), lockout: lockout}
	found.policies[Universal] = policy
	return found.universal.clientID, nil
}

// ChangeUniversal changes what the tokens of the next logins are like.
func (r *Registry) ChangeUniversal(id string, policy Policy) (clientID string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.withUniversal(id)
	if err != nil {
		return "", err
	}
	found.policies[Universal] = policy
	return found.universal.clientID, nil
}

// CreateSecret makes a client secret and returns it with its text.
func (r *Registry) CreateSecret(id, description string, ttl, usesLimit int64) (made ClientSecret, text string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.withUniversal(id)
	if err != nil {
		return ClientSecret{}, "", err
	}
	text = random(32)
	made = ClientSecret{
		ID: newID(), Description: description, Prefix: text[:prefix], TTL: ttl, UsesLimit: usesLimit, CreatedAt: r.clock.Now(),
	}
	found.universal.secrets = append(found.universal.secrets, &clientSecret{ClientSecret: made, text: text})
	return made, text, nil
}

// RevokeSecret ends a client secret and the tokens that it gave.
func (r *Registry) RevokeSecret(id, secretID string) (ClientSecret, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.withUniversal(id)
	if err != nil {
		return ClientSecret{}, err
	}
	for _, s := range found.universal.secrets {
		if s.ID == secretID {
			s.Revoked = true
			r.revokeAll(func(t *token) bool { return t.clientSecretID == secretID })
			return s.ClientSecret, nil
		}
	}
	return ClientSecret{}, store.NotFound("NotFound", "Client secret with ID '%s' not found", secretID)
}

// LoginUniversal is a login with client id and secret. Wrong secrets lock out everybody who
// uses the client id.
func (r *Registry) LoginUniversal(clientID, text string) (Grant, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, found := range r.identities {
		if found.universal == nil || found.universal.clientID != clientID {
			continue
		}
		used, err := found.universal.check(text, r.clock.Now())
		if err != nil {
			return Grant{}, err
		}
		return r.grant(found, Universal, used.ID)
	}
	return Grant{}, Unauthorized(textInvalid)
}

// Unlock ends a lockout.
func (r *Registry) Unlock(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.withUniversal(id)
	if err == nil {
		found.universal.wrong, found.universal.lockedUntil = 0, time.Time{}
	}
	return err
}

func (r *Registry) withUniversal(id string) (*identity, error) {
	found, err := r.identity(id)
	if err != nil {
		return nil, err
	}
	if found.universal == nil {
		return nil, store.NotFound("NotFound", "Identity with ID '%s' does not have universal auth", id)
	}
	return found, nil
}

func (u *universal) check(text string, now time.Time) (*clientSecret, error) {
	if now.Before(u.lockedUntil) {
		return nil, Unauthorized(textLocked)
	}
	for _, s := range u.secrets {
		if s.text != text || s.Revoked {
			continue
		}
		switch {
		case s.TTL > 0 && !now.Before(s.CreatedAt.Add(seconds(s.TTL))):
			s.Revoked = true
			return nil, Unauthorized("Access denied due to expired client secret")
		case s.UsesLimit > 0 && s.Uses >= s.UsesLimit:
			return nil, Unauthorized("Access denied due to client secret usage limit reached")
		}
		s.Uses++
		u.wrong = 0
		return s, nil
	}
	u.remember(now)
	return nil, Unauthorized(textInvalid)
}

// remember counts a wrong secret.
func (u *universal) remember(now time.Time) {
	if !u.lockout.Enabled {
		return
	}
	if u.wrong == 0 || !now.Before(u.firstWrong.Add(u.lockout.Window)) {
		u.wrong, u.firstWrong = 0, now
	}
	u.wrong++
	if u.wrong >= u.lockout.Threshold {
		u.wrong, u.lockedUntil = 0, now.Add(u.lockout.Duration)
	}
}
