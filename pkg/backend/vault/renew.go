// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"net/http"
	"time"
)

const (
	// retryRenewal is how long to wait after a renewal that failed, or less if time is short.
	retryRenewal = 10 * time.Second
	// leastRenewal bounds how often a token is renewed, whatever life Vault gives it.
	leastRenewal = time.Second
)

// keep renews a session at two thirds of its life until another one takes over or it lasts
// for ever, and logs in anew where renewing would no longer help.
func (id *identity) keep(ctx context.Context, s *session) {
	failed := false
	for {
		wait, lasts := id.untilRenewal(s, failed)
		if lasts {
			return
		}
		timer := id.clock.NewTimer(wait)
		select {
		case <-ctx.Done():
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
		failed = !id.refresh(ctx, s)
	}
}

// untilRenewal returns the time until a third of the session's life is left, or until the
// next try after a failure; or that it lasts for ever.
func (id *identity) untilRenewal(s *session, failed bool) (wait time.Duration, lasts bool) {
	id.mu.Lock()
	defer id.mu.Unlock()
	left := s.ends.Sub(id.clock.Now())
	if failed {
		return min(retryRenewal, max(left/2, leastRenewal)), s.ttl <= 0
	}
	return max(left-s.ttl/3, leastRenewal), s.ttl <= 0
}

func (id *identity) over(s *session) bool {
	id.mu.Lock()
	defer id.mu.Unlock()
	return s.over(id.clock.Now())
}

// refresh makes the identity's token last longer, or gets another, and reports whether it did.
func (id *identity) refresh(ctx context.Context, s *session) bool {
	switch id.renew(ctx, s) {
	case renewed:
		return true
	case renewalFailed:
		return false
	case renewalUseless:
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

// renewal is what became of a renewal.
type renewal int

const (
	// renewed: the token lasts longer.
	renewed renewal = iota
	// renewalFailed: Vault gave no answer; another try may help.
	renewalFailed
	// renewalUseless: only another login helps.
	renewalUseless
)

// renew asks Vault to prolong the token. It is of no use for a token that cannot be
// renewed, is refused, or is granted less than before because its maximum is near.
func (id *identity) renew(ctx context.Context, s *session) renewal {
	if !id.renewable(s) {
		return renewalUseless
	}
	got, err := id.send(ctx, call{
		method: http.MethodPost, path: "auth/token/renew-self", namespace: id.namespace,
	}, s)
	if err != nil {
		return renewalFailed
	}
	if got.Status != http.StatusOK {
		return renewalUseless
	}
	secret, err := got.secret()
	if err != nil || secret.Auth == nil {
		return renewalFailed
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	granted := time.Duration(secret.Auth.LeaseDuration) * time.Second
	if granted > 0 && granted < s.ttl/2 {
		return renewalUseless
	}
	s.grant(id.clock.Now(), secret.Auth.LeaseDuration, secret.Auth.Renewable)
	return renewed
}

func (id *identity) renewable(s *session) bool {
	id.mu.Lock()
	defer id.mu.Unlock()
	return s.renewable
}
