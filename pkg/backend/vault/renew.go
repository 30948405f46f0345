// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"net/http"
	"time"
)

// retryRenewal is how long to wait after a renewal that failed, or less if time is short.
const retryRenewal = 10 * time.Second

// keep renews a session at two thirds of its life until another one takes over, and logs
// in anew where renewing would no longer help.
func (id *identity) keep(s *session) {
	defer id.work.Done()
	failed := false
	for {
		timer := id.clock.NewTimer(id.untilRenewal(s, failed))
		select {
		case <-id.life.Done():
			timer.Stop()
			return
		case <-s.replaced:
			timer.Stop()
			return
		case <-timer.C():
		}
		if id.over(s) {
			return // The next read logs in; nobody needs a token meanwhile.
		}
		failed = !id.refresh(id.life, s)
	}
}

// untilRenewal returns the time until a third of the session's life is left, or until the
// next try after a failure.
func (id *identity) untilRenewal(s *session, failed bool) time.Duration {
	id.mu.Lock()
	defer id.mu.Unlock()
	left := s.ends.Sub(id.clock.Now())
	if failed {
		return min(retryRenewal, max(left/2, time.Second))
	}
	return max(left-s.ttl/3, 0)
}

func (id *identity) over(s *session) bool {
	id.mu.Lock()
	defer id.mu.Unlock()
	return s.over(id.clock.Now())
}

// refresh makes the identity's token last longer, and reports whether it did.
func (id *identity) refresh(ctx context.Context, s *session) bool {
	id.mu.Lock()
	renewable := s.renewable
	id.mu.Unlock()
	if renewable {
		done, decided := id.renew(ctx, s)
		if decided {
			return done
		}
	}
	fresh, err := id.sessionOtherThan(ctx, s)
	if err != nil {
		return false
	}
	if fresh != s {
		// Reads still under way with the old token find the new one: see authorized.
		_ = id.revoke(ctx, s)
	}
	return true
}

// renew asks Vault to prolong the token. decided is false where only a login helps: Vault
// refuses, or grants less than before because the token's maximum is near.
func (id *identity) renew(ctx context.Context, s *session) (done, decided bool) {
	got, err := id.send(ctx, call{
		method: http.MethodPost, path: "auth/token/renew-self", namespace: id.namespace,
	}, s)
	if err != nil {
		return false, true
	}
	if got.status != http.StatusOK {
		return false, false
	}
	secret, err := got.secret()
	if err != nil || secret.Auth == nil {
		return false, true
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	before := s.ttl
	granted := time.Duration(secret.Auth.LeaseDuration) * time.Second
	if granted < before/2 && granted > 0 {
		return false, false
	}
	s.grant(id.clock.Now(), secret.Auth.LeaseDuration, secret.Auth.Renewable)
	return true, true
}
