// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Login is how an identity logs in: it shows a proof P and gets a session S.
type Login[P, S any] struct {
	// Kept says that a person keeps what is shown: changed, it is tried at once.
	Kept bool
	// Proof reads what is shown, and Secret is the part of it that a person changes.
	Proof  func(context.Context) (P, error)
	Secret func(P) sensitive.Value
	// Exchange makes a session of a proof.
	Exchange func(context.Context, P) (S, error)
}

// Attempt logs in unless the pause forbids it, and begins a pause where that fails. Errors: why
// the pause is, or those of the login, classed. One runs at a time.
func Attempt[P, S any](ctx context.Context, p *Pause, l Login[P, S]) (S, error) {
	var none, session S
	refusal := p.Refusal()
	if refusal != nil && (!l.Kept || !p.MayLook()) {
		return none, refusal
	}
	shown, err := l.Proof(ctx)
	if refusal != nil && (err != nil || p.FailedWith(l.Secret(shown))) {
		return none, refusal
	}
	if err == nil {
		session, err = l.Exchange(ctx, shown)
	}
	if err != nil {
		return none, p.failed(err, l.Secret(shown))
	}
	p.Succeed()
	return session, nil
}

// failed begins a pause and returns the error, classed.
func (p *Pause) failed(err error, secret sensitive.Value) error {
	f := fault.As(err)
	if f == nil {
		f = Unavailable(ReasonUnreachable, "reading the credential for %s failed", p.server).Because(err)
	}
	p.Fail(f, secret)
	return f
}
