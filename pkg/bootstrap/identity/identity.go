// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package identity owns who a run of the bootstrap helper is: the OpenID Connect token that
// GitHub Actions gives a job, and what its verified claims say. It must not read the
// environment, nor believe a claim whose signature it has not checked.
package identity

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// DefaultIssuer is the issuer of tokens for jobs on github.com. See
// https://docs.github.com/en/actions/reference/security/oidc.
const DefaultIssuer = "https://token.actions.githubusercontent.com"

// Reasons of this package's errors.
const (
	// ReasonNoToken: the run has no right to a token. An InvalidSpec.
	ReasonNoToken = "NoOIDCToken"
	// ReasonTokenRefused: GitHub refuses to give a token. A Denied.
	ReasonTokenRefused = "OIDCTokenRefused"
	// ReasonUntrusted: the token is not what it says. A Denied.
	ReasonUntrusted = "OIDCTokenUntrusted"
	// ReasonUnreachable: GitHub, or the issuer's keys, cannot be reached. An Unavailable.
	ReasonUnreachable = "OIDCUnreachable"
)

// timeout bounds a request.
const timeout = 30 * time.Second

// Options say where a job gets its token.
type Options struct {
	// RequestURL and RequestToken are what GitHub gives to a job with the permission id-token:
	// write, in ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN.
	RequestURL   string
	RequestToken sensitive.Value
	// Issuer is whose keys are believed; empty is DefaultIssuer. A GitHub Enterprise Server has
	// its own. It is the plan's to say, never the token's.
	Issuer string
	// Transport sends requests; nil is Go's default.
	Transport http.RoundTripper
	// Clock tells the time.
	Clock clock.PassiveClock
}

// Claims are what a verified token says of the run.
type Claims struct {
	// Subject is "repo:ORG/REPO:environment:NAME" for a job in an environment.
	Subject string `json:"sub"`
	// Environment is the environment of the job, with its reviewers and secrets; empty if it
	// has none.
	Environment string `json:"environment"`
	// Repository is "ORG/REPO", Ref the branch or tag, EventName what started the workflow.
	Repository string `json:"repository"`
	Ref        string `json:"ref"`
	EventName  string `json:"event_name"`
	// HeadRef and BaseRef are the branches of a pull request.
	HeadRef string `json:"head_ref"`
	BaseRef string `json:"base_ref"`
	// Workflow is the workflow file with its ref, Actor who started the run, RunID its number.
	Workflow string `json:"job_workflow_ref"`
	Actor    string `json:"actor"`
	RunID    string `json:"run_id"`
}

// Token asks GitHub for a token for an audience, verifies it against the issuer's keys, and
// returns it with what it says. Errors: InvalidSpec (the job may not ask for one), Denied,
// Unavailable.
func Token(ctx context.Context, o Options, audience string) (sensitive.Value, Claims, error) {
	client := o.client()
	raw, err := o.request(ctx, client, audience)
	if err != nil {
		return sensitive.Value{}, Claims{}, err
	}
	claims, err := o.verify(ctx, client, raw, audience)
	if err != nil {
		return sensitive.Value{}, Claims{}, err
	}
	return raw, claims, nil
}

// client follows no redirect: it sends a credential.
func (o Options) client() *http.Client {
	next := o.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	return &http.Client{
		Transport:     bounded{next},
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (o Options) issuer() string {
	if o.Issuer == "" {
		return DefaultIssuer
	}
	return o.Issuer
}

// verify checks signature, issuer, audience and time. The texts of what fails are left out:
// they may quote the token.
func (o Options) verify(ctx context.Context, client *http.Client, raw sensitive.Value, audience string) (Claims, error) {
	ctx = oidc.ClientContext(ctx, client)
	if err := checkURL(o.issuer()); err != nil {
		return Claims{}, fault.New(fault.InvalidSpec, ReasonUntrusted, "the OIDC issuer %q: %s", o.issuer(), err)
	}
	provider, err := oidc.NewProvider(ctx, o.issuer())
	if err != nil {
		return Claims{}, fault.New(fault.Unavailable, ReasonUnreachable, "the OIDC issuer %q does not tell its keys", o.issuer())
	}
	token, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: audience, Now: o.Clock.Now}).Verify(ctx, string(raw.Reveal()))
	if err != nil {
		return Claims{}, untrusted(err, o.issuer(), audience)
	}
	var claims Claims
	if token.Claims(&claims) != nil {
		return Claims{}, fault.New(fault.Denied, ReasonUntrusted, "the run's OIDC token is signed by %q, but its claims cannot be read", o.issuer())
	}
	return claims, nil
}

func untrusted(err error, issuer, audience string) error {
	if _, expired := errors.AsType[*oidc.TokenExpiredError](err); expired {
		return fault.New(fault.Denied, ReasonUntrusted, "the run's OIDC token has expired: see the clock of the runner")
	}
	return fault.New(fault.Denied, ReasonUntrusted,
		"the run's OIDC token is not what it says: want one signed by %q for the audience %q", issuer, audience)
}
